// The daily sweep goes on after a failure and ends when it is asked to.
import assert from "node:assert/strict";
import { test } from "node:test";
import { DAY_MS, TandemError } from "@tandem/shared-logic";
import { daily } from "../../src/stack/upkeep.ts";

test("once at the start and once a day, a failure left to the next, until it is to stop", async () => {
  const stop = new AbortController();
  const slept: number[] = [];
  const errors: unknown[] = [];
  const swept: number[] = [];
  const days = [2, new TandemError("store_unavailable"), 0, 3];
  const clock = {
    async sleep(ms: number): Promise<void> {
      slept.push(ms);
      if (slept.length < days.length) return;
      stop.abort();
      throw new TandemError("cancelled");
    },
  };
  await daily(
    {
      clock,
      stop: stop.signal,
      onError: (error) => void errors.push(error),
      onSwept: (n) => void swept.push(n),
    },
    async () => {
      const day = days[slept.length] ?? 0;
      if (day instanceof Error) throw day;
      return day;
    },
  );
  assert.deepEqual(slept, [DAY_MS, DAY_MS, DAY_MS, DAY_MS]);
  assert.deepEqual(swept, [2, 3]);
  assert.equal(errors.length, 1);
});
