// The intervals of a sample hold the truth as often as they say: over random names of users, on equal
// users and on Zipf users with one robot among them, for samples of 4 to 1,024 users, and they are not
// wider than a sample of that size has to be.
import assert from "node:assert/strict";
import { test } from "node:test";
import { exactly } from "../../src/algebra/estimate.ts";
import { type Random, seededRandom, unit } from "../../src/ports/random.ts";
import type { Activity } from "../../src/reducers/activity-intervals.ts";
import { estimateGroups } from "../../src/reducers/per-user-estimate.ts";
import { sessions } from "../../src/reducers/sessions.ts";
import { type SampledUser, sampleOf } from "../../src/sketches/user-sample.ts";
import { missesAllowed } from "../../src/testing/laws/present-laws.ts";
import { DAY_MS, HOUR_MS, MINUTE_MS } from "../../src/time/epoch-ms.ts";
import { windowOf } from "./windows.ts";

const DAY = windowOf(0, DAY_MS);
const MOST = 48;

/** A user of `count` sessions a day, of a length that is exponential with a mean of `meanMs`. */
const userOf = (random: Random, count: number, meanMs: number): Activity =>
  Array.from({ length: count }, (_, i) => {
    const startMs = i * (30 * MINUTE_MS + 1);
    const lengthMs = count > 20 ? 0 : Math.floor(-Math.log(1 - unit(random)) * meanMs);
    const country = unit(random) < 0.2 ? "DE" : "US";
    return { startMs, endMs: startMs + lengthMs, eventId: "e", dims: [country] };
  });

/** `startMs` moves on with the lengths, so that sessions stay apart. */
function apart(activity: Activity): Activity {
  let from = 0;
  return activity.map((interval) => {
    const lengthMs = interval.endMs - interval.startMs;
    const startMs = from;
    from += lengthMs + 30 * MINUTE_MS + 1;
    return { ...interval, startMs, endMs: startMs + lengthMs };
  });
}

const POPULATIONS: Record<string, (random: Random, n: number) => Activity[]> = {
  equal: (random, n) => Array.from({ length: n }, () => userOf(random, 1, 8 * MINUTE_MS)),
  "Zipf and a robot": (random, n) => {
    const users = Array.from({ length: n - 1 }, (_, rank) =>
      apart(userOf(random, Math.max(1, Math.floor(12 / (rank + 1) ** 0.7)), 8 * MINUTE_MS)),
    );
    return [...users, userOf(random, MOST, 0)];
  },
  "a robot that never sleeps": (random, n) => {
    const users = Array.from({ length: n - 1 }, () => userOf(random, 1, 8 * MINUTE_MS));
    return [...users, [{ startMs: 5, endMs: 30 * HOUR_MS, eventId: "e", dims: ["DE"] }]];
  },
};

interface Trial {
  /** Users kept; users in all; repetitions. */
  readonly k: number;
  readonly n: number;
  readonly trials: number;
}

const TRIALS: readonly Trial[] = [
  { k: 4, n: 5, trials: 1500 },
  { k: 4, n: 60, trials: 1500 },
  { k: 16, n: 160, trials: 1000 },
  { k: 64, n: 70, trials: 500 },
  { k: 64, n: 640, trials: 500 },
  { k: 256, n: 2560, trials: 150 },
  { k: 1024, n: 10_240, trials: 60 },
];

for (const value of ["started", "length"] as const) {
  const shape = sessions({ value });
  for (const [name, populate] of Object.entries(POPULATIONS)) {
    test(`${value}, ${name}: the truth lies inside`, (t) => {
      for (const [i, { k, n, trials }] of TRIALS.entries()) {
        const random = seededRandom(1000 + i);
        const users = populate(random, n);
        const everyone = users.map(
          (state, at): SampledUser<Activity> => ({ hi: at, lo: 0, state }),
        );
        const context = { window: DAY, events: 1e9 };
        const all = sampleOf([...everyone], n, shape.plus);
        const total = (sample: typeof all) =>
          estimateGroups(shape, sample, context, () => "[]", ["[]"]).get("[]") ?? exactly(null);
        const byGroup = (sample: typeof all) =>
          estimateGroups(shape, sample, context, ([c]) => String(c), []);
        const truth = total(all).value;
        const byCountry = byGroup(all);
        assert.ok(truth);
        const widths: number[] = [];
        let [misses, groupMisses, groups] = [0, 0, 0];
        for (let trial = 0; trial < trials; trial++) {
          const named = users.map((state) => ({ hi: random.u32(), lo: random.u32(), state }));
          const sample = sampleOf(named, k, shape.plus);
          const { low, high } = total(sample);
          if (!low || !high || truth.units < low.units || truth.units > high.units) misses++;
          widths.push(Number(high?.units ?? 0n) - Number(low?.units ?? 0n));
          for (const [group, e] of byGroup(sample)) {
            const fact = byCountry.get(group)?.value;
            groups++;
            if (
              !fact ||
              !e.low ||
              !e.high ||
              fact.units < e.low.units ||
              fact.units > e.high.units
            ) {
              groupMisses++;
            }
          }
        }
        const median = widths.sort((a, b) => a - b)[trials >> 1] ?? 0;
        const wide = median / ((2 * 2.576 * n) / Math.sqrt(k - 2));
        t.diagnostic(
          `k ${k}, n ${n}: ${misses} of ${trials}, groups ${groupMisses} of ${groups}, width ${value === "started" ? wide.toFixed(2) : `${median / 1000} s`} of mean ${Number(truth.units) / 1000}`,
        );
        assert.ok(misses <= missesAllowed(trials, 0.99), `k ${k}, n ${n}: ${misses} of ${trials}`);
        assert.ok(
          groupMisses <= missesAllowed(groups, 0.99),
          `k ${k}, n ${n}: ${groupMisses} of ${groups}`,
        );
        if (value === "started" && name === "equal" && k >= 64 && n >= 10 * k) {
          assert.ok(wide <= 1.2, `k ${k}, n ${n}: ${wide} times as wide as it has to be`);
        }
      }
    });
  }
}
