import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:net";
import { test } from "node:test";
import { freePort, isListening } from "../../src/process/ports.ts";

test("a free port can be listened on, and then somebody listens", async () => {
  const port = await freePort(new Set());
  assert.equal(await isListening(port), false);
  const server = createServer().listen(port, "127.0.0.1");
  await once(server, "listening");
  assert.equal(await isListening(port), true);
  server.close();
});

test("ports are below those of outgoing connections, and none is given twice", async () => {
  const taken = new Set<number>();
  for (let i = 0; i < 50; i++) taken.add(await freePort(taken));
  assert.equal(taken.size, 50);
  assert.ok(Math.max(...taken) < 32_768);
});
