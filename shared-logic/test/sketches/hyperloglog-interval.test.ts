// How near the estimate comes and how often its interval holds, over the curve of sizes. Every trial has
// its own hashes; the number of trials is asserted, and the figures are printed.
import assert from "node:assert/strict";
import { test } from "node:test";
import { Z_CONFIDENCE } from "../../src/algebra/estimate.ts";
import { seededRandom } from "../../src/ports/random.ts";
import type { HyperLogLog } from "../../src/sketches/hyperloglog.ts";
import { presentHyperLogLog } from "../../src/sketches/hyperloglog-interval.ts";
import { missesAllowed } from "../../src/testing/laws/present-laws.ts";
import { largeSketch, sketchOf } from "./hash-stream.ts";

interface Figures {
  readonly trials: number;
  readonly misses: number;
  /** Median width, and root mean square error, over n. */
  readonly width: number;
  readonly error: number;
}

function measure(n: number, trials: number, sketch: (trial: number) => HyperLogLog): Figures {
  const widths: number[] = [];
  let [misses, squares, done] = [0, 0, 0];
  for (let trial = 0; trial < trials; trial++) {
    const e = presentHyperLogLog(sketch(trial), 4 * n);
    const [value, low, high] = [e.value, e.low, e.high].map((d) => Number(d?.units));
    assert.ok(low! <= value! && value! <= high!);
    if (!(low! <= n && n <= high!)) misses++;
    widths.push(high! - low!);
    squares += (value! - n) ** 2;
    done++;
  }
  widths.sort((a, b) => a - b);
  return {
    trials: done,
    misses,
    width: (widths[done >> 1] ?? 0) / Math.max(1, n),
    error: Math.sqrt(squares / done) / Math.max(1, n),
  };
}

function judge(
  precision: number,
  n: number,
  trials: number,
  f: Figures,
  t: { diagnostic(s: string): void },
): void {
  const s = 1.04 / Math.sqrt(2 ** precision);
  const theory = 2 * Z_CONFIDENCE * s;
  t.diagnostic(
    `p ${precision} n ${n}: ${f.misses} of ${f.trials} miss, width ${(f.width / theory).toFixed(2)} of theory, error ${(f.error / s).toFixed(2)} s`,
  );
  assert.equal(f.trials, trials);
  assert.ok(f.trials > 0 && f.misses <= missesAllowed(trials, 0.99), `n ${n}: ${f.misses} miss`);
  if (n >= 10 * 2 ** precision) assert.ok(f.width <= 1.2 * theory, `n ${n}: width ${f.width}`);
  assert.ok(f.error <= 1.3 * s, `n ${n}: error ${f.error}`);
}

const CURVE: Readonly<Record<number, readonly [n: number, trials: number][]>> = {
  4: [0, 1, 2, 3, 4, 5, 6, 8, 10, 12, 16, 20, 24, 32, 40, 48, 64, 100, 160, 1000].map((n) => [
    n,
    2000,
  ]),
  10: [
    [0, 500],
    [1, 500],
    [10, 500],
    [100, 500],
    [256, 500],
    [257, 500],
    [300, 500],
    [500, 500],
    [1000, 500],
    [2000, 500],
    [3000, 500],
    [5000, 500],
    [10_240, 250],
  ],
  12: [
    [0, 500],
    [2, 500],
    [100, 500],
    [1000, 500],
    [1024, 500],
    [1025, 500],
    [2000, 500],
    [4096, 300],
    [10_000, 200],
    [41_000, 50],
  ],
};

for (const [p, curve] of Object.entries(CURVE)) {
  const precision = Number(p);
  test(`precision ${p}: intervals of real hashes hold 99 of 100 times`, (t) => {
    for (const [n, trials] of curve) {
      const f = measure(n, trials, (trial) => sketchOf(n, precision, 1 + trial * 9973 + n));
      judge(precision, n, trials, f, t);
    }
  });
  test(`precision ${p}: so do those of a hundred thousand and a million`, (t) => {
    const random = seededRandom(precision);
    const trials = precision === 4 ? 3000 : 500;
    for (const n of [100_000, 1_000_000, 1_000_000_000]) {
      if (n < 50 * 2 ** precision && precision > 10) continue;
      judge(
        precision,
        n,
        trials,
        measure(n, trials, () => largeSketch(n, precision, random)),
        t,
      );
    }
  });
}

test("nothing is exactly nothing, and no value is above its events", () => {
  const zero = presentHyperLogLog(sketchOf(0, 12, 1), 0);
  assert.deepEqual([zero.value?.units, zero.high?.units, zero.confidence], [0n, 0n, 1]);
  for (let seed = 0; seed < 50; seed++) {
    const e = presentHyperLogLog(sketchOf(2000, 6, seed), 2000);
    assert.ok(e.high!.units <= 2000n && e.value!.units <= 2000n);
  }
});
