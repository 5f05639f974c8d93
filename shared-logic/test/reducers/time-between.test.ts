// Gaps are what a plain walk over each user's sorted moments finds, however the events came, in whatever parts; a
// robot's state is bounded, and timestamps in whole seconds are never thinned.
import assert from "node:assert/strict";
import { test } from "node:test";
import { formatDecimal } from "../../src/algebra/decimal.ts";
import { eventType } from "../../src/metrics/selector.ts";
import { below, type Random, seededRandom } from "../../src/ports/random.ts";
import { MOMENTS_KEPT } from "../../src/reducers/moments.ts";
import { perUser } from "../../src/reducers/per-user.ts";
import type { PerUserItem } from "../../src/reducers/per-user-shape.ts";
import { type TimeBetweenOptions, timeBetween } from "../../src/reducers/time-between.ts";
import { foldAnyhow } from "../../src/testing/laws/fold-items.ts";
import { HOUR_MS, MINUTE_MS } from "../../src/time/epoch-ms.ts";
import { windowOf } from "./windows.ts";

const WINDOW = windowOf(HOUR_MS, 5 * HOUR_MS);
const [A, B] = [eventType("cart"), eventType("purchase")];

const itemIn =
  (marksBelow: number) =>
  (random: Random): PerUserItem => ({
    user: `u${below(random, 3)}`,
    timeMs: below(random, 2) === 0 ? below(random, 12) * HOUR_MS : below(random, 12 * HOUR_MS),
    eventId: `${random.u32()}`,
    dims: [],
    marks: marksBelow === 1 ? 0 : 1 + below(random, marksBelow - 1),
  });

/** Every gap, the plain way. */
function gapsOf(items: readonly PerUserItem[], from: number, to: number, withinMs: number) {
  const gaps: number[] = [];
  for (const own of Map.groupBy(items, ({ user }) => user).values()) {
    const times = (mark: number) =>
      new Set(own.filter(({ marks }) => mark === 0 || (marks & mark) > 0).map((i) => i.timeMs));
    for (const start of times(from)) {
      if (start < WINDOW.from || start >= WINDOW.until) continue;
      const next = Math.min(...[...times(to)].filter((at) => at > start));
      if (next - start <= withinMs) gaps.push(next - start);
    }
  }
  return gaps.sort((a, b) => a - b);
}

const CASES: Record<string, [TimeBetweenOptions, marksBelow: number, from: number, to: number]> = {
  "any event": [{}, 1, 0, 0],
  "of one kind": [{ from: A }, 2, 1, 1],
  "from one kind to another": [{ from: A, to: B }, 4, 1, 2],
};

for (const [name, [options, marksBelow, from, to]] of Object.entries(CASES))
  test(`${name}: gaps as a plain walk finds them`, () => {
    const withinMs = 3 * HOUR_MS;
    const shown = (items: readonly PerUserItem[], q: number | undefined, random: Random) => {
      const value = q === undefined ? "mean" : "quantile";
      const { exact } = perUser(timeBetween({ ...options, withinMs, value, ...(q ? { q } : {}) }));
      const context = { window: WINDOW, events: items.length };
      const e = exact.present(foldAnyhow(exact, items, random), context);
      return e.value && formatDecimal(e.value);
    };
    let some = 0;
    for (let seed = 1; seed <= 150; seed++) {
      const random = seededRandom(seed);
      const items = Array.from({ length: below(random, 40) }, () => itemIn(marksBelow)(random));
      const gaps = gapsOf(items, from, to, withinMs);
      if (gaps.length > 1) some++;
      for (const q of [0.5, 0.95, 1]) {
        const gap = gaps[Math.ceil(q * gaps.length) - 1];
        const want = gap === undefined ? null : `${gap / 1000}`;
        assert.equal(shown(items, q, random), want, `seed ${seed}, q ${q}`);
      }
      const mean = shown(items, undefined, random);
      if (gaps.length === 0) assert.equal(mean, null);
      else {
        const sum = gaps.reduce((a, b) => a + b, 0);
        assert.ok(
          Math.abs(Number(mean) - sum / gaps.length / 1000) <= 0.000501,
          `seed ${seed}: ${mean}, ${gaps}`,
        );
      }
    }
    assert.ok(some > 50, `${some} of 150 have gaps`);
  });

test("a robot's minute keeps its first and last moments, one of whole seconds all", () => {
  const shape = timeBetween();
  const stateOf = (times: readonly number[]) =>
    times
      .map((timeMs) => shape.one({ user: "u", timeMs, eventId: "", dims: [], marks: 0 }))
      .reduce((a, b) => shape.plus(a, b));
  const robot = stateOf(Array.from({ length: 1000 }, (_, i) => (i * 7919) % MINUTE_MS));
  assert.equal(robot.length, 2 * MOMENTS_KEPT);
  const seconds = stateOf(Array.from({ length: 600 }, (_, i) => (i * 7 * 1000) % MINUTE_MS));
  assert.equal(seconds.length, 60);
});

test("what cannot be asked is refused", () => {
  for (const bad of [
    { withinMs: 0 },
    { to: B },
    { q: 0, value: "quantile" },
    { q: 1.1, value: "quantile" },
  ])
    assert.throws(() => timeBetween(bad as TimeBetweenOptions), RangeError);
});
