import assert from "node:assert/strict";
import { existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { identify } from "../src/process/identity.ts";
import { writePidFile } from "../src/process/pid-file.ts";
import { OWNER, sweepAbandoned, TEMPORARY } from "../src/sweep.ts";
import { dummy, tempFolder } from "./temp-folder.ts";

async function abandoned(t: TestContext) {
  const parent = tempFolder(t);
  const folder = join(parent, `${TEMPORARY}abc`);
  const run = join(folder, "run");
  mkdirSync(run, { recursive: true });
  const server = await dummy(t, "echo up; exec sleep 60");
  const identity = identify(server.pid);
  assert.ok(identity);
  writePidFile(run, "redis", identity);
  const said: string[] = [];
  const sweep = (nowMs?: number) => sweepAbandoned(parent, (line) => void said.push(line), nowMs);
  return { parent, folder, server, said, sweep };
}

test("a set whose owner is gone is killed and removed", async (t) => {
  const { folder, server, said, sweep } = await abandoned(t);
  writePidFile(folder, OWNER, { pid: process.pid, born: "another boot 1" });
  await sweep();
  assert.equal(await server.ended, "SIGKILL");
  assert.ok(!existsSync(folder));
  assert.deepEqual(said, [`removed the abandoned set ${folder}`]);
});

test("a set whose owner lives stays, and so does any other folder", async (t) => {
  const { parent, folder, server, said, sweep } = await abandoned(t);
  const self = identify(process.pid);
  assert.ok(self);
  writePidFile(folder, OWNER, self);
  mkdirSync(join(parent, "something-else", "run"), { recursive: true });
  await sweep(Date.now() + 3_600_000);
  assert.ok(existsSync(folder) && existsSync(join(parent, "something-else")));
  assert.equal(server.child.signalCode, null);
  assert.deepEqual(said, []);
});

test("a newborn set without an owner stays for a minute", async (t) => {
  const { folder, sweep } = await abandoned(t);
  await sweep();
  assert.ok(existsSync(folder));
  await sweep(Date.now() + 61_000);
  assert.ok(!existsSync(folder));
});
