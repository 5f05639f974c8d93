// Warnings that repeat are written at once, then once in ten seconds with how many were held back.
import assert from "node:assert/strict";
import { test } from "node:test";
import { type EpochMs, TandemError } from "@tandem/shared-logic";
import { quietLogger } from "../../src/stack/quiet-logger.ts";

function setUp() {
  const lines: [level: string, message: string, fields: object][] = [];
  const write = (level: string) => (fields: object, message: string) =>
    void lines.push([level, message, fields]);
  const logger = {
    info: write("info"),
    warn: write("warn"),
    error: write("error"),
    fatal: write("fatal"),
  };
  let nowMs = 1_000_000;
  const quiet = quietLogger(logger, { now: () => nowMs as EpochMs });
  const pass = (ms: number): void => {
    nowMs += ms;
  };
  return { lines, quiet, pass };
}

test("a server that is away for a minute is seven lines, whatever its load", () => {
  const { lines, quiet, pass } = setUp();
  for (let i = 0; i <= 3000; i++, pass(20))
    quiet.warn(
      { where: "kafka", what: `broker 127.0.0.1:${9092 + (i % 3)}: refused` },
      "tried again",
    );
  assert.equal(lines.length, 7);
  const held = lines.map(([, , fields]) => (fields as { heldBack?: number }).heldBack ?? 0);
  assert.equal(held[0], 0);
  assert.equal(
    held.reduce((sum, n) => sum + n + 1, 0),
    3001,
  );
});

test("what differs in words, place, code or level is said at once", () => {
  const { lines, quiet } = setUp();
  quiet.warn({ where: "kafka", what: "refused" }, "tried again");
  quiet.warn({ where: "kafka", what: "timed out" }, "tried again");
  quiet.warn({ where: "s3", what: "refused" }, "tried again");
  quiet.warn({ code: "log_unavailable" }, "the log takes no events");
  quiet.error({ where: "speed/1", err: new TandemError("store_unavailable") }, "failed");
  quiet.error({ where: "speed/1", err: new TandemError("log_unavailable") }, "failed");
  assert.equal(lines.length, 6);
});

test("other lines are never held back", () => {
  const { lines, quiet } = setUp();
  for (let i = 0; i < 3; i++) {
    quiet.info({}, "answered");
    quiet.fatal({}, "stopped");
  }
  assert.equal(lines.length, 6);
});

test("many kinds take no more memory than few", () => {
  const { lines, quiet } = setUp();
  const letters = "abcdefghijklmnopqrstuvwxyz";
  for (const a of letters) for (const b of letters) quiet.warn({ what: a + b }, "x");
  assert.equal(lines.length, 26 * 26);
});
