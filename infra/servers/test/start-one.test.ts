import assert from "node:assert/strict";
import { once } from "node:events";
import { existsSync, readFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { foldersOf, logOf, makeFolders } from "../src/folders.ts";
import { runningProcess } from "../src/process/pid-file.ts";
import { isListening } from "../src/process/ports.ts";
import { killAll, stopProcess } from "../src/process/signals.ts";
import type { Server } from "../src/server.ts";
import { readSettings } from "../src/settings.ts";
import { checkPorts, startOne } from "../src/start-one.ts";
import { quiet, tempFolder } from "./temp-folder.ts";

function site(t: TestContext, startTimeoutMs = 10_000) {
  const data = join(tempFolder(t), "data");
  const folders = foldersOf(data);
  makeFolders(folders);
  t.after(() => killAll(folders.run));
  const settings = { ...readSettings({}), data, cache: join(data, "cache"), startTimeoutMs };
  const plan = { brokers: 1, ports: {}, s3AccessKey: "", s3SecretKey: "" };
  return { settings, folders, plan };
}

/** A server that is a bash script, ready when its file is there. */
function scripted(data: string, script: string): Server {
  return {
    name: "dummy",
    ports: [{ key: "dummy", port: 1, setting: "DUMMY_PORT" }],
    fetch: async () => undefined,
    start: async () => ({ command: "bash", args: ["-c", script], env: { READY: "ready" } }),
    ready: async () => assert.ok(existsSync(join(data, "ready")), "no file yet"),
  };
}

test("up, up again, down, and up again with the log of before kept", async (t) => {
  const at = site(t);
  const { folders } = at;
  const server = scripted(folders.data, "echo hello $READY; touch $READY; exec sleep 60");
  assert.equal(await startOne(server, at, quiet()), true);
  const first = runningProcess(folders.run, "dummy");
  assert.ok(first);
  const second = quiet();
  assert.equal(await startOne(server, at, second), false);
  assert.deepEqual(second.said, ["dummy is up, port 1"]);
  assert.deepEqual(runningProcess(folders.run, "dummy"), first);
  assert.equal(await stopProcess(folders.run, "dummy", 5000), "stopped");
  assert.equal(await startOne(server, at, quiet()), true);
  assert.equal(readFileSync(`${logOf(folders, "dummy")}.old`, "utf8"), "hello ready\n");
});

test("one that ends while starting is told with its last lines, and leaves nothing", async (t) => {
  const at = site(t);
  const server = scripted(at.folders.data, "echo first; echo no such option >&2; exit 4");
  await assert.rejects(
    startOne(server, at, quiet()),
    /dummy ended while starting, with exit code 4; last lines of .*dummy.log:\n {4}first\n {4}no such option$/,
  );
  assert.ok(!existsSync(join(at.folders.run, "dummy.pid")));
});

test("a command that is not there is told", async (t) => {
  const at = site(t);
  const server = { ...scripted("", ""), start: async () => ({ command: "/no/such", args: [] }) };
  await assert.rejects(startOne(server, at, quiet()), /dummy cannot be run: .*ENOENT/);
});

test("one that never answers is stopped after the time it has", async (t) => {
  const at = site(t, 300);
  const server = scripted(at.folders.data, "echo silent; exec sleep 60");
  await assert.rejects(
    startOne(server, at, quiet()),
    /dummy does not answer after 0.3 s \(no file yet; TANDEM_SERVERS_START_TIMEOUT_S/,
  );
  assert.equal(runningProcess(at.folders.run, "dummy"), undefined);
});

test("an abort stops one that is not ready", async (t) => {
  const at = site(t);
  const stop = new AbortController();
  const server = scripted(at.folders.data, "exec sleep 60");
  const ready = async (): Promise<void> => {
    stop.abort();
    throw new Error("not yet");
  };
  await assert.rejects(startOne({ ...server, ready }, at, quiet(stop.signal)), {
    name: "AbortError",
  });
  assert.equal(runningProcess(at.folders.run, "dummy"), undefined);
});

test("a port that somebody else has is told with the setting", async (t) => {
  const at = site(t);
  const other = createServer().listen(0, "127.0.0.1");
  await once(other, "listening");
  t.after(() => other.close());
  const address = other.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  assert.ok(await isListening(port));
  const server = { ...scripted("", ""), ports: [{ key: "dummy", port, setting: "DUMMY_PORT" }] };
  await assert.rejects(
    checkPorts([server], at.folders, 100),
    /^ServersFailure: dummy: port \d+ is taken .* set DUMMY_PORT/,
  );
});
