// An isolated set of real servers: what a drill does to them, and that nothing of it is left.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { openServers, type RunningServers, startServers } from "../src/index.ts";
import { isListening } from "../src/process/ports.ts";
import { converse } from "../src/wire/conversation.ts";

const portOf = (url = ""): number => Number(new URL(url).port);
const redis = (set: RunningServers, command: string): Promise<string> =>
  converse(portOf(set.env["REDIS_URL"]), async (c) => {
    const answer = await c.ask(Buffer.from(`${command}\r\n`), (got) => {
      const head = got.indexOf("\n") + 1;
      // `$5` says that five bytes and a line end follow.
      const bulk = /^\$(\d+)/.exec(got.toString())?.[1];
      return head === 0 ? undefined : head + (bulk === undefined ? 0 : Number(bulk) + 2);
    });
    return answer.toString();
  });

test("a killed server comes back on its port with its data; frozen and thawed; nothing is left", async () => {
  const said: string[] = [];
  const set = await startServers({ which: ["redis", "s3"], say: (line) => void said.push(line) });
  try {
    assert.deepEqual(Object.keys(set.env), [
      "REDIS_URL",
      "S3_ENDPOINT",
      "S3_REGION",
      "S3_ACCESS_KEY",
      "S3_SECRET_KEY",
    ]);
    assert.equal(await redis(set, "SET key value"), "+OK\r\n");
    await set.kill("redis");
    await assert.rejects(redis(set, "PING"), /ECONNREFUSED|ECONNRESET/);
    await assert.rejects(set.kill("redis"), /redis is not running/);
    await set.start("redis");
    assert.equal(await redis(set, "GET key"), "$5\r\nvalue\r\n");
    await set.freeze("redis");
    const waiting = redis(set, "GET key");
    await set.thaw("redis");
    assert.equal(await waiting, "$5\r\nvalue\r\n");
    assert.match(await redis(set, "INFO memory"), /maxmemory_policy:noeviction/);
  } finally {
    await set.stop();
  }
  assert.ok(!existsSync(set.data));
  for (const name of ["REDIS_URL", "S3_ENDPOINT"]) {
    assert.equal(await isListening(portOf(set.env[name])), false, name);
  }
});

test("a set in a folder of its own stays after the process, and is opened by another", async (t) => {
  const data = mkdtempSync(join(tmpdir(), "tandem-own-"));
  t.after(() => rmSync(data, { recursive: true, force: true }));
  const options = { which: ["redis"], say: () => undefined };
  const first = await startServers({ ...options, data, ports: 0 });
  t.after(() => first.stop("redis"));
  const again = await startServers({ ...options, data, ports: 0 });
  assert.deepEqual(again.env, first.env);
  await again.stop();
  assert.equal(await redis(openServers(data, options), "PING"), "+PONG\r\n", "it did not start it");
  await first.stop();
  assert.equal(await isListening(portOf(first.env["REDIS_URL"])), false);
  assert.deepEqual(
    readdirSync(join(data, "run")).filter((file) => file.endsWith(".pid")),
    [],
  );
});

test("an owner that ends without stopping takes its servers with it", async () => {
  const index = fileURLToPath(new URL("../src/index.ts", import.meta.url));
  const script = `import { startServers } from ${JSON.stringify(index)};
    const set = await startServers({ which: ["redis"], say: () => undefined });
    process.stdout.write(set.env.REDIS_URL + " " + set.data);
    throw new Error("a test that failed");`;
  const child = spawn(process.execPath, ["--input-type=module-typescript", "-e", script], {
    stdio: ["ignore", "pipe", "ignore"],
  });
  let printed = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    printed += text;
  });
  await new Promise((resolve) => child.on("close", resolve));
  assert.equal(child.exitCode, 1);
  const [url, data = ""] = printed.split(" ");
  const until = performance.now() + 5000;
  while ((await isListening(portOf(url))) && performance.now() < until);
  assert.equal(await isListening(portOf(url)), false);
  assert.ok(!existsSync(data));
});
