// How many hashes a HyperLogLog has seen. Dense: Ertl's improved estimator ("New cardinality estimation
// algorithms for HyperLogLog sketches", 2017, algorithm 6): from the histogram of register values alone,
// so in no order, and without a switch between ranges. Only shown, never stored.
import type { HyperLogLog } from "./hyperloglog.ts";

/** σ(x) = x + Σ x^(2^k) 2^(k−1), k from 1: what registers still at zero add. */
function sigma(x: number): number {
  if (x === 1) return Number.POSITIVE_INFINITY;
  let [power, factor, sum, before] = [x, 1, x, Number.NaN];
  while (sum !== before) {
    before = sum;
    power *= power;
    sum += power * factor;
    factor *= 2;
  }
  return sum;
}

/** τ(x) = (1 − x − Σ (1 − x^(2^−k))² 2^−k) / 3, k from 1: what registers at their end add. */
function tau(x: number): number {
  if (x === 0 || x === 1) return 0;
  let [root, factor, sum, before] = [x, 1, 1 - x, Number.NaN];
  while (sum !== before) {
    before = sum;
    root = Math.sqrt(root);
    factor /= 2;
    sum -= (1 - root) ** 2 * factor;
  }
  return sum / 3;
}

export function histogram(registers: Uint8Array, precision: number): Float64Array {
  const counts = new Float64Array(66 - precision);
  for (let i = 0; i < registers.length; i++) counts[registers[i]!]! += 1;
  return counts;
}

/** Ertl's estimate from how many registers have each value. */
export function estimateDense(counts: Float64Array, precision: number): number {
  const m = 2 ** precision;
  const q = 64 - precision;
  let z = m * tau(1 - counts[q + 1]! / m);
  for (let k = q; k >= 1; k--) z = (z + counts[k]!) / 2;
  z += m * sigma(counts[0]! / m);
  return (m * m) / (2 * Math.LN2 * z);
}

const INDEXES = 2 ** 26;

/** Entries are indexes hit at least once: linear counting over 2^26 of them. */
export const estimateSparse = (entries: number): number =>
  -INDEXES * Math.log1p(-entries / INDEXES);

export const estimate = (sketch: HyperLogLog): number =>
  sketch.form === "sparse"
    ? estimateSparse(sketch.entries.length)
    : estimateDense(histogram(sketch.registers, sketch.precision), sketch.precision);
