// Rates, scores and flags of minutes: a steady stream raises hardly an alarm, bursts and falls do, what is too short to
// judge is not judged, and what more than its reach a state holds changes nothing.
import assert from "node:assert/strict";
import { test } from "node:test";
import { seededRandom, unit } from "../../src/ports/random.ts";
import { anomalyScore } from "../../src/reducers/anomaly-score.ts";
import { countedOf } from "../../src/reducers/counted-numbers.ts";
import { eventsPerMinute } from "../../src/reducers/events-per-minute.ts";
import { MINUTE_MS } from "../../src/time/epoch-ms.ts";
import { windowOf } from "./windows.ts";

/** What comes independently at a rate (Knuth's method). */
function poisson(random: ReturnType<typeof seededRandom>, rate: number): number {
  const least = Math.exp(-rate);
  let [n, product] = [0, unit(random)];
  for (; product > least; n++) product *= unit(random);
  return n;
}

const stateOf = (counts: readonly number[]) =>
  countedOf(counts.flatMap((n, minute) => (n === 0 ? [] : [[BigInt(minute), n] as const])));
const minutes = (from: number, until: number) => windowOf(from * MINUTE_MS, until * MINUTE_MS);
const shown = (
  value: "rate" | "score" | "anomalies",
  counts: readonly number[],
  window: ReturnType<typeof minutes>,
) => {
  const { exact } = eventsPerMinute({ value });
  const e = exact.present(stateOf(counts), { window, events: counts.reduce((a, b) => a + b, 0) });
  return e.value === null ? null : Number(e.value.units) / 10 ** e.value.scale;
};

test("steady streams of any rate: fewer than one minute in a thousand is flagged", (t) => {
  for (const rate of [0.5, 2, 10, 100, 400]) {
    const random = seededRandom(7);
    const counts = Array.from({ length: 3000 }, () => poisson(random, rate));
    const flagged = shown("anomalies", counts, minutes(60, 2900)) ?? 0;
    t.diagnostic(`rate ${rate}: ${flagged} of 2840 minutes flagged`);
    assert.ok(flagged <= 3, `rate ${rate}: ${flagged}`);
  }
});

test("a burst and a fall are flagged, and those after them are not", () => {
  const random = seededRandom(9);
  const counts = Array.from({ length: 300 }, () => poisson(random, 20));
  counts[100] = 60;
  counts[200] = 0;
  for (const at of [100, 200]) {
    assert.equal(shown("anomalies", counts, minutes(at, at + 1)), 1, `minute ${at}`);
    assert.equal(shown("anomalies", counts, minutes(at + 1, at + 40)), 0);
  }
  assert.ok((shown("score", counts, minutes(90, 120)) ?? 0) > 5);
  assert.ok((shown("score", counts, minutes(190, 220)) ?? 0) < -5);
  assert.equal(shown("anomalies", counts, minutes(60, 240)), 2);
});

test("too little history, and minutes that nothing has come after, are not judged", () => {
  const counts = Array.from({ length: 120 }, () => 8);
  assert.equal(shown("score", counts, minutes(29, 30)), null);
  assert.equal(shown("score", counts, minutes(30, 31)), 0);
  assert.equal(shown("anomalies", counts, minutes(120, 180)), null, "not a fall to zero");
  const back = [...counts, ...Array.from({ length: 10 }, () => 0), 8];
  assert.equal(shown("anomalies", back, minutes(120, 130)), 10, "a fall, once something comes");
  assert.equal(shown("rate", counts, minutes(110, 130)), 4);
});

test("what lies beyond the reach changes nothing", () => {
  const random = seededRandom(3);
  const counts = Array.from({ length: 400 }, () => poisson(random, 3));
  const window = minutes(200, 210);
  const near = counts.map((n, minute) => (minute >= 140 && minute < 270 ? n : 0));
  for (const value of ["rate", "score", "anomalies"] as const)
    assert.equal(shown(value, near, window), shown(value, counts, window), value);
});

test("spikes in the history do not hide one", () => {
  const before = Array.from({ length: 60 }, (_, i) => (i % 5 === 0 ? 900 : 30));
  assert.ok(anomalyScore(900, before) > 3.5);
  assert.equal(anomalyScore(30, before), 0);
});

test("what cannot be asked is refused", () => {
  for (const bad of [{ historyMinutes: 5 }, { threshold: 0 }, { digits: 10 }])
    assert.throws(() => eventsPerMinute(bad), RangeError);
});
