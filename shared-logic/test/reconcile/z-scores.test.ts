// Without a fault: z-scores of dense days are standard normal (mean, variance, Kolmogorov-Smirnov), alarms come at
// their nominal rate, and nothing else is ever named.
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  below,
  compareDay,
  type DayInput,
  dayStart,
  distinct,
  type EpochMs,
  encodeBlock,
  HOUR_MS,
  metric,
  seededRandom,
  TOTAL_GROUP,
  type UtcDay,
  user,
} from "../../src/index.ts";

const DAYS = 1500;
const DAY = 20_000 as UtcDay;
const V = 100_000;

/** A day of `n` users, each seen in some hours, as both layers have it. */
function dayOfUsers(seed: number, precision: number, n: number): DayInput {
  const random = seededRandom(seed);
  const reducer = distinct(user(), { precision });
  const people = metric({
    name: "people",
    title: "People",
    unit: "users",
    version: 1,
    reducer,
    examples: [],
  });
  const hours: string[][] = Array.from({ length: 6 }, () => []);
  for (let i = 0; i < n; i++) hours[below(random, hours.length)]?.push(`${seed}-${i}`);
  const row = { tenant: "t", set: 0, group: TOTAL_GROUP, skipped: 0 };
  const blocks = hours.map((users, hour) => {
    const state = reducer.approx.encode(reducer.toApprox([...users].sort()));
    // Fewer events would bound the estimate from above.
    const events = 3 * users.length;
    const cell = { cell: 0, events, skipped: 0, state };
    const startMs = (dayStart(DAY) + hour * HOUR_MS) as EpochMs;
    return { ...row, startMs, events, state: encodeBlock([cell]) };
  });
  const empty = new Uint8Array(0);
  const value = { ...row, startMs: dayStart(DAY), events: n, state: empty, value: String(n) };
  const fp = people.fingerprint;
  return {
    metric: people,
    day: DAY,
    entry: { run: "r", v: [V] },
    genesis: [0],
    run: {
      finest: blocks.map((b) => ({ ...b, grain: "hour" })),
      values: [{ ...value, grain: "day" }],
    },
    speed: blocks.map((b) => ({ ...b, fp, partition: 0, segment: 0, to: V, doubt: 0 })),
    manifest: [[]],
    before: undefined,
    eventsBefore: undefined,
  };
}

/** Abramowitz and Stegun 26.2.17; absolute error below 1e-7. */
function normal(x: number): number {
  const t = 1 / (1 + 0.2316419 * Math.abs(x));
  const poly =
    t *
    (0.31938153 + t * (-0.356563782 + t * (1.781477937 + t * (-1.821255978 + t * 1.330274429))));
  const tail = (Math.exp((-x * x) / 2) / Math.sqrt(2 * Math.PI)) * poly;
  return x >= 0 ? 1 - tail : tail;
}

/** Kolmogorov's limit of P(√n D > d). */
function kolmogorov(sorted: readonly number[]): number {
  const n = sorted.length;
  const d = Math.max(...sorted.map((x, i) => Math.max((i + 1) / n - normal(x), normal(x) - i / n)));
  const lambda = (Math.sqrt(n) + 0.12 + 0.11 / Math.sqrt(n)) * d;
  let p = 0;
  for (let k = 1; k <= 100; k++) p += 2 * (-1) ** (k - 1) * Math.exp(-2 * k * k * lambda * lambda);
  return Math.min(1, Math.max(0, p));
}

test("z-scores of dense days are standard normal, and alarms come at their rate", (t) => {
  // Two-sided, once in 20: enough of them to count.
  const bounds = { z: 1.959964 };
  const z: number[] = [];
  let alarms = 0;
  for (let seed = 1; seed <= DAYS; seed++) {
    const n = 1000 + below(seededRandom(seed + 1e6), 1500);
    const found = compareDay(dayOfUsers(seed, 10, n), bounds);
    assert.deepEqual([found.dense, found.states], [true, { cells: 6, differ: 0 }], `seed ${seed}`);
    assert.deepEqual([found.dropped, found.duplicated], [zero, zero], `seed ${seed}`);
    assert.ok(
      found.unexplained.every((c) => c === "value"),
      `seed ${seed}`,
    );
    z.push(found.z ?? Number.NaN);
    alarms += found.unexplained.length;
  }
  const mean = z.reduce((a, b) => a + b, 0) / DAYS;
  const variance = z.reduce((a, b) => a + (b - mean) ** 2, 0) / (DAYS - 1);
  const p = kolmogorov([...z].sort((a, b) => a - b));
  t.diagnostic(
    `${DAYS} days, seeds 1 to ${DAYS}: mean ${mean.toFixed(4)}, variance ${variance.toFixed(4)}, KS p ${p.toFixed(3)}, ${alarms} alarms at |z| > 1.96 (nominal ${0.05 * DAYS})`,
  );
  // Four standard errors each: a right law fails such a test once in 16,000.
  assert.ok(Math.abs(mean) < 4 / Math.sqrt(DAYS), `mean ${mean}`);
  assert.ok(Math.abs(variance - 1) < 4 * Math.sqrt(2 / DAYS), `variance ${variance}`);
  assert.ok(p > 0.001, `KS p ${p}`);
  const spread = 4 * Math.sqrt(DAYS * 0.05 * 0.95);
  assert.ok(Math.abs(alarms - 0.05 * DAYS) < spread, `${alarms} alarms`);
});

const zero = { low: 0, high: 0 };

test("with the bound that is used, hardly ever: 3,000 days of any size", (t) => {
  let alarms = 0;
  for (let seed = 1; seed <= 3000; seed++) {
    const n = 1 + below(seededRandom(seed + 2e6), 300);
    alarms += compareDay(dayOfUsers(seed, 6, n)).unexplained.length;
  }
  t.diagnostic(`${alarms} alarms in 3,000 days (nominal 0.3)`);
  // Poisson of mean 0.3 exceeds 3 once in 3,800.
  assert.ok(alarms <= 3, `${alarms} alarms`);
});
