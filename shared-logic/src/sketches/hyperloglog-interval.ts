// The interval of a HyperLogLog's estimate n̂, true 99 times of 100. Only shown, never stored.
//
// Dense, with s = 1.04/√m: [n̂ (1 − s (2.70 − 2.0 s)), n̂ (1 + s (2.75 + 2.6 s))]. The leading terms are the
// normal quantile 2.576 with 5 to 7 % to spare, the others straighten the skewness of n̂ where registers
// are few. They are fitted to the 0.5 % and 99.5 % quantiles of n/n̂ in simulations (m = 16, 32, 64, 256,
// 1024; n from m/4 to 1000 m), and leave the width within 1.1 times 2 · 2.576 s n. Sparse, an entry is
// certain, and only hashes that share their 26-bit index are missing: of n about n²/2^27, by Poisson.
import { decimalOf } from "../algebra/decimal.ts";
import { CONFIDENCE, type Estimate, exactly } from "../algebra/estimate.ts";
import { type HyperLogLog, sparseLimit } from "./hyperloglog.ts";
import { estimateDense, estimateSparse, histogram } from "./hyperloglog-estimate.ts";

/** The smallest k that a Poisson variable exceeds at most once in `1 / tail` times. */
function poissonQuantile(mean: number, tail: number): number {
  let term = Math.exp(-mean);
  let below = term;
  let k = 0;
  while (1 - below > tail) {
    k++;
    term *= mean / k;
    below += term;
  }
  return k;
}

const rounded = (value: number, low: number, high: number): Estimate => {
  const between = Math.min(Math.max(Math.round(value), low), high);
  return {
    value: decimalOf(between),
    low: decimalOf(low),
    high: decimalOf(high),
    confidence: CONFIDENCE,
  };
};

/** `events`: how many were folded; there are no more distinct ones. */
export function presentHyperLogLog(sketch: HyperLogLog, events: number): Estimate {
  if (sketch.form === "sparse") {
    const { length } = sketch.entries;
    if (length === 0) return exactly(decimalOf(0));
    const unseen = poissonQuantile((length * length) / 2 ** 27, (1 - CONFIDENCE) / 2);
    const high = Math.max(length, Math.min(length + unseen, events));
    return rounded(estimateSparse(length), length, high);
  }
  const { precision, registers } = sketch;
  const counts = histogram(registers, precision);
  const n = estimateDense(counts, precision);
  const s = 1.04 / Math.sqrt(registers.length);
  // Each register that is not zero, and each of the entries that made it dense, is a hash.
  const evidence = Math.max(registers.length - counts[0]!, sparseLimit(precision) + 1);
  const low = Math.max(evidence, Math.floor(n * (1 - s * (2.7 - 2 * s))));
  const high = Math.min(Math.ceil(n * (1 + s * (2.75 + 2.6 * s))), events);
  return rounded(n, low, Math.max(low, high));
}
