import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { identify } from "../../src/process/identity.ts";
import { writePidFile } from "../../src/process/pid-file.ts";
import { killAll, killProcess, pauseProcess, stopProcess } from "../../src/process/signals.ts";
import { dummy, tempFolder, until } from "../temp-folder.ts";

const OBEYS = "trap 'exit 3' TERM; echo up; while :; do sleep 0.02; done";
const IGNORES = "trap '' TERM; echo up; while :; do sleep 0.02; done";

async function server(t: TestContext, script: string) {
  const folder = tempFolder(t);
  const found = await dummy(t, script);
  const identity = identify(found.pid);
  assert.ok(identity);
  writePidFile(folder, "redis", identity);
  return { folder, ...found };
}
const stateOf = (pid: number): string =>
  /\) (\w)/.exec(readFileSync(`/proc/${pid}/stat`, "utf8"))?.[1] ?? "";

test("stop asks with SIGTERM and waits for the end", async (t) => {
  const { folder, ended } = await server(t, OBEYS);
  assert.equal(await stopProcess(folder, "redis", 5000), "stopped");
  assert.equal(await ended, 3);
  assert.ok(!existsSync(join(folder, "redis.pid")));
  assert.equal(await stopProcess(folder, "redis", 5000), "was down");
});

test("stop kills what ignores SIGTERM for the given time", async (t) => {
  const { folder, ended } = await server(t, IGNORES);
  assert.equal(await stopProcess(folder, "redis", 50), "killed");
  assert.equal(await ended, "SIGKILL");
});

test("a frozen one is thawed to hear SIGTERM", {
  skip: !existsSync("/proc/self/stat"),
}, async (t) => {
  const { folder, pid, ended } = await server(t, OBEYS);
  assert.ok(pauseProcess(folder, "redis", "SIGSTOP"));
  await until(() => stateOf(pid) === "T", "it is frozen");
  assert.equal(await stopProcess(folder, "redis", 5000), "stopped");
  assert.equal(await ended, 3);
});

test("kill returns when it is gone, and leaves its pid file", async (t) => {
  const { folder, pid, ended } = await server(t, IGNORES);
  assert.equal(await killProcess(folder, "redis"), "killed");
  assert.equal(identify(pid), undefined);
  assert.equal(await ended, "SIGKILL");
  assert.ok(existsSync(join(folder, "redis.pid")));
  assert.equal(await killProcess(folder, "redis"), "was down");
});

test("a process that has the pid by chance is never signalled", async (t) => {
  const folder = tempFolder(t);
  const { pid, child } = await dummy(t, IGNORES);
  writePidFile(folder, "redis", { pid, born: "another boot 1" });
  assert.equal(await stopProcess(folder, "redis", 50), "was down");
  writePidFile(folder, "redis", { pid, born: "another boot 1" });
  assert.equal(await killProcess(folder, "redis"), "was down");
  await killAll(folder);
  assert.ok(!pauseProcess(folder, "redis", "SIGSTOP"));
  assert.ok(identify(pid));
  assert.equal(child.signalCode, null);
});
