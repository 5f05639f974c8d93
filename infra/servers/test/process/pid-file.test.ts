import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { identify } from "../../src/process/identity.ts";
import { pidFileNames, runningProcess, writePidFile } from "../../src/process/pid-file.ts";
import { tempFolder } from "../temp-folder.ts";

test("a running process is found by its pid file", (t) => {
  const folder = tempFolder(t);
  const self = identify(process.pid);
  assert.ok(self);
  writePidFile(folder, "kafka-1", self);
  assert.deepEqual(runningProcess(folder, "kafka-1"), self);
  assert.deepEqual(pidFileNames(folder), ["kafka-1"]);
  assert.equal(runningProcess(folder, "redis"), undefined);
  assert.deepEqual(pidFileNames(join(folder, "absent")), []);
});

test("a file that is cut short, empty or foreign names no process", (t) => {
  const folder = tempFolder(t);
  const born = identify(process.pid)?.born;
  for (const text of [
    "",
    "garbage",
    `${process.pid}`,
    `${process.pid} ${born}`,
    `0 ${born}\n`,
    `-1 ${born}\n`,
    `${process.pid} another boot 1\n`,
  ]) {
    writeFileSync(join(folder, "redis.pid"), text);
    assert.equal(runningProcess(folder, "redis"), undefined, JSON.stringify(text));
  }
  writeFileSync(join(folder, "redis.pid"), `${process.pid} ${born}\n`);
  assert.equal(runningProcess(folder, "redis")?.pid, process.pid);
});
