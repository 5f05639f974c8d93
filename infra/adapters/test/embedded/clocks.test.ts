// The real clocks against the port's contract lines.
import assert from "node:assert/strict";
import { test } from "node:test";
import { type Clock, epochMs } from "@tandem/shared-logic";
import { scaledClock } from "../../src/embedded/scaled-clock.ts";
import { systemClock } from "../../src/embedded/system-clock.ts";

const timers = () => process.getActiveResourcesInfo().filter((r) => r === "Timeout").length;

for (const [name, clock, ms] of [
  ["system", systemClock(), 15],
  ["scaled", scaledClock(epochMs(1_570_000_000_000), 3600), 15 * 3600],
] as const satisfies readonly (readonly [string, Clock, number])[]) {
  test(`${name} clock 1: now does not go back`, () => {
    let latest = clock.now();
    for (let i = 0; i < 10_000; i++) {
      const now = clock.now();
      assert.ok(now >= latest && Number.isInteger(now));
      latest = now;
    }
  });

  test(`${name} clock 2: a sleep takes its time of the clock's own`, async () => {
    const [begun, began] = [clock.now(), performance.now()];
    await clock.sleep(ms);
    // A whole millisecond of the clock may have begun before the sleep did.
    assert.ok(clock.now() - begun >= ms - 1, `${clock.now() - begun} ms`);
    assert.ok(performance.now() - began < 5000);
    await clock.sleep(0);
    await clock.sleep(-5);
  });

  test(`${name} clock 2, 3: an abort ends a sleep at once and leaves no timer`, async () => {
    const before = timers();
    const stop = new AbortController();
    const sleeping = clock.sleep(1e12, stop.signal);
    assert.equal(timers(), before + 1);
    stop.abort();
    await assert.rejects(sleeping, { code: "cancelled" });
    await assert.rejects(clock.sleep(1e12, stop.signal), { code: "cancelled" });
    assert.equal(timers(), before);
  });
}

test("scaled clock: starts at its moment and runs as many times as fast", async () => {
  const clock = scaledClock(epochMs(1_570_000_000_000), 1000);
  const first = clock.now();
  assert.ok(first >= 1_570_000_000_000 && first < 1_570_000_100_000);
  const began = performance.now();
  await clock.sleep(20_000);
  const passed = performance.now() - began;
  const shown = clock.now() - first;
  assert.ok(shown >= 20_000 && Math.abs(shown / 1000 - passed) < 50, `${shown} in ${passed}`);
  assert.throws(() => scaledClock(epochMs(0), 0), RangeError);
});

test("system clock: stands still while the computer's is set back", (t) => {
  let real = 1000;
  t.mock.method(Date, "now", () => real);
  const clock = systemClock();
  assert.equal(clock.now(), 1000);
  real = 400;
  assert.equal(clock.now(), 1000);
  real = 1001;
  assert.equal(clock.now(), 1001);
});
