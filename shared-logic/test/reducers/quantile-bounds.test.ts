// The intervals of a quantile over sampled users hold the truth as often as they say, on equal users, on Zipf users with
// one robot among them and on users who are each of one kind, and are no wider than such a sample has to be.
import assert from "node:assert/strict";
import { test } from "node:test";
import { decimalOf } from "../../src/algebra/decimal.ts";
import { Z_CONFIDENCE as z } from "../../src/algebra/estimate.ts";
import { type Random, seededRandom, unit } from "../../src/ports/random.ts";
import { amountAtRank } from "../../src/reducers/amount-at-rank.ts";
import { type EveryTally, quantileBounds } from "../../src/reducers/quantile-bounds.ts";
import { missesAllowed } from "../../src/testing/laws/present-laws.ts";

const MOST = { count: 48, amount: 86_400_000 };
const MEAN_MS = 480_000;
const lengthMs = (random: Random) => Math.floor(-Math.log(1 - unit(random)) * MEAN_MS);
const userOf = (amounts: number[]): EveryTally => ({
  count: amounts.length,
  amount: amounts.reduce((a, b) => a + b, 0),
  amounts,
});
const times = <T>(n: number, make: () => T): T[] => Array.from({ length: n }, make);

const POPULATIONS: Record<string, (random: Random, n: number) => EveryTally[]> = {
  equal: (random, n) => times(n, () => userOf([lengthMs(random)])),
  "Zipf and a robot": (random, n) => [
    ...Array.from({ length: n - 1 }, (_, rank) =>
      userOf(times(Math.max(1, Math.floor(12 / (rank + 1) ** 0.7)), () => lengthMs(random))),
    ),
    userOf(times(MOST.count, () => 0)),
  ],
  "of one kind each": (random, n) =>
    times(n, () => {
      const own = lengthMs(random);
      return userOf(times(1 + (random.u32() % 4), () => own));
    }),
};

const TRIALS = [
  { k: 4, n: 60, trials: 500 },
  { k: 16, n: 160, trials: 500 },
  { k: 64, n: 640, trials: 400 },
  { k: 1024, n: 10_240, trials: 40 },
];

/** The bounds of k users drawn of all. */
function drawn(users: readonly EveryTally[], k: number, q: number, random: Random) {
  const hashed = users.map((user) => ({ user, at: unit(random) })).sort((a, b) => a.at - b.at);
  const kept = hashed.slice(0, k).map(({ user }) => user);
  const facts = { k, p: hashed[k]?.at ?? 1, most: MOST, heaviest: { count: 0, amount: 0 } };
  return quantileBounds(kept, facts, decimalOf(Math.round(q * 100), 2));
}

for (const [name, populate] of Object.entries(POPULATIONS))
  for (const q of [0.5, 0.95])
    test(`${name}: the truth of ${q} lies inside`, (t) => {
      for (const [i, { k, n, trials }] of TRIALS.entries()) {
        const random = seededRandom(500 + i);
        const users = populate(random, n);
        const all = Float64Array.from(users.flatMap(({ amounts }) => amounts)).sort();
        const truth = amountAtRank(all, decimalOf(Math.round(q * 100), 2));
        const bounds = times(trials, () => drawn(users, k, q, random));
        const misses = bounds.filter((b) => truth < b.low || truth > b.high).length;
        const widths = bounds.map((b) => b.high - b.low).sort((a, b) => a - b);
        const width = widths[trials >> 1] ?? 0;
        // So many independent lengths tell of the exponential's quantile this closely; one robot may be unseen.
        const share = z * Math.sqrt((q * (1 - q) * (1 - k / n)) / k);
        const at = (s: number) => -MEAN_MS * Math.log(1 - Math.min(s, 1 - 1 / k));
        const robot = MOST.count / n;
        const theory = width / (at(q + share + q * robot) - at(q - share - (1 - q) * robot));
        t.diagnostic(`k ${k}, n ${n}: ${misses} of ${trials}, width ${theory.toFixed(2)}`);
        assert.ok(misses <= missesAllowed(trials, 0.99), `k ${k}, n ${n}: ${misses}`);
        if (name === "equal" && k === 1024) assert.ok(theory <= 1.2, `${theory} times as wide`);
      }
    });
