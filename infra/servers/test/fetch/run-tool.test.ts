import assert from "node:assert/strict";
import { test } from "node:test";
import { runTool, type Tool } from "../../src/fetch/run-tool.ts";
import { identify } from "../../src/process/identity.ts";
import { until } from "../temp-folder.ts";

const bash = (script: string, more: Partial<Tool> = {}) =>
  runTool({
    command: "bash",
    args: ["-c", script],
    ifMissing: "install bash",
    signal: new AbortController().signal,
    ...more,
  });

test("its output, of both streams", async () =>
  assert.equal(await bash("echo out; echo $WORD >&2", { env: { WORD: "err" } }), "out\nerr\n"));

test("a tool that is missing is told with what to do", () =>
  assert.rejects(
    bash("", { command: "no-such-tool" }),
    /^ServersFailure: no-such-tool is not on PATH: install bash$/,
  ));

test("one that fails is told with its last lines", () =>
  assert.rejects(
    bash("seq 100; exit 3"),
    /ended with 3; its last lines:\n {4}81\n[\s\S]* {4}100$/,
  ));

test("an abort, or too long a time, ends it and its children", async () => {
  const stop = new AbortController();
  const script = "sleep 60 & echo $! >&2; kill -USR1 $TEST; wait";
  const env = { TEST: String(process.pid) };
  const started = new Promise((resolve) => process.once("SIGUSR1", resolve));
  const aborted = bash(script, { env, signal: stop.signal });
  await started;
  stop.abort();
  await assert.rejects(aborted, { name: "AbortError" });
  const timedOut = bash("sleep 60 & echo $!; wait", { timeoutMs: 200 });
  await assert.rejects(timedOut, (error: Error) => {
    assert.match(error.message, /took over 0.2 s/);
    return true;
  });
  const child = await timedOut.catch((error: Error) => Number(/(\d+)$/.exec(error.message)?.[1]));
  assert.ok(typeof child === "number" && child > 0);
  await until(() => identify(child) === undefined, "the tool's child is gone");
});
