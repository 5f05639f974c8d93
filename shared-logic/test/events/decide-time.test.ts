import assert from "node:assert/strict";
import { test } from "node:test";
import { decideTime } from "../../src/events/decide-time.ts";
import {
  FLAG_CLOCK_CORRECTED,
  FLAG_FUTURE,
  FLAG_TOO_LATE,
} from "../../src/events/event-columns.ts";

const MIN = 60_000;
const HOUR = 60 * MIN;
const R = 1_569_888_000_000;

test("the table of decided times", () => {
  for (const [what, sent, sentAt, timeMs, flags] of [
    ["on time", R - 1, undefined, R - 1, 0],
    ["a clock within 5 minutes", R - 1, R - 5 * MIN, R - 1, 0],
    ["a clock 5 minutes ahead", R + 4 * MIN, R + 5 * MIN, R + 4 * MIN, 0],
    ["a slow clock", R - 2 * HOUR, R - HOUR, R - HOUR, FLAG_CLOCK_CORRECTED],
    ["a fast clock", R + HOUR - 7, R + HOUR, R - 7, FLAG_CLOCK_CORRECTED],
    ["5 minutes and a bit", R - 9, R - 5 * MIN - 1, R + 5 * MIN - 8, FLAG_CLOCK_CORRECTED],
    ["5 minutes ahead", R + 5 * MIN, undefined, R + 5 * MIN, 0],
    ["further ahead", R + 5 * MIN + 1, undefined, R, FLAG_FUTURE],
    ["ahead of its own clock", R + 9 * HOUR, R + HOUR, R, FLAG_CLOCK_CORRECTED | FLAG_FUTURE],
    ["72 hours old", R - 72 * HOUR, undefined, R - 72 * HOUR, 0],
    ["older", R - 72 * HOUR - 1, undefined, R - 72 * HOUR - 1, FLAG_TOO_LATE],
    ["old only by its clock", R - 80 * HOUR, R - 79 * HOUR, R - HOUR, FLAG_CLOCK_CORRECTED],
    ["before 1970 if corrected", 5, R + 9 * HOUR, 0, FLAG_CLOCK_CORRECTED | FLAG_TOO_LATE],
  ] as const) {
    assert.deepEqual(decideTime(sent, sentAt, R), { timeMs, flags }, what);
  }
});
