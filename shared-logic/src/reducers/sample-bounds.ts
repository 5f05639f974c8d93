// How wrong a total or a mean over a bottom-k sample of users can be, at 99 %. Given the threshold p,
// sampled users are a Poisson-like sample of rate p.
//
// Totals: the gamma interval for a weighted sum of Poisson counts (Fay and Feuer, "Confidence intervals
// for directly standardized rates", Statistics in Medicine 16, 1997), which for equal weights is Garwood's
// exact one; deviations shrink by √(1 − p), since a user is sampled at most once. Means: the linearised
// ratio estimator. Both add a user nobody saw: as heavy as UNSEEN_FACTOR times the heaviest sampled one
// (in samples of few users as heavy as a user can be) with weight 1/p, and one robot, as heavy as a user
// can be, with weight 1. Many robots that all escape a large sample are beyond the claim.
import { Z_CONFIDENCE as z } from "../algebra/estimate.ts";

/** What one user adds to a window. */
export interface Tally {
  readonly count: number;
  readonly amount: number;
}

export interface SampleFacts {
  /** Users kept. */
  readonly k: number;
  /** Share of the hashes below the threshold, above 0 and below 1. */
  readonly p: number;
  /** The most that one user can add: occurrences, and amount of one of them. */
  readonly most: Tally;
  /** Of all sampled users, whatever the group. */
  readonly heaviest: Tally;
}

export interface Bounds {
  readonly low: number;
  readonly high: number;
}

export const UNSEEN_FACTOR = 3;
/** Up to here a sample is too small to say what a heavy user is. */
const FEW_USERS = 16;

/** The share of the possible that must be feared beside what the sample shows. */
export const fear = (k: number): number => Math.min(1, (FEW_USERS / k) ** 2);

/** Wilson and Hilferty's approximation of the gamma quantile, shape a >= 1, scale 1. */
const gammaQuantile = (a: number, zq: number): number =>
  a * Math.max(0, 1 - 1 / (9 * a) + zq / (3 * Math.sqrt(a))) ** 3;

export function totalBounds(
  tallies: readonly Tally[],
  { k, p, most, heaviest }: SampleFacts,
): Bounds {
  let y = 0;
  let v = 0;
  for (const { count } of tallies) {
    y += count;
    v += count * count;
  }
  const w = Math.min(most.count, Math.max(1, UNSEEN_FACTOR * heaviest.count, most.count * fear(k)));
  const lower = y === 0 ? 0 : (v / y) * gammaQuantile((y * y) / v, -z);
  const [yw, vw] = [y + w, v + w * w];
  const upper = (vw / yw) * gammaQuantile((yw * yw) / vw, z);
  const shrink = Math.sqrt(1 - p);
  return {
    low: Math.max(y, (y - (y - lower) * shrink) / p),
    high: (y + (upper - y) * shrink) / p + most.count,
  };
}

/** Student's t quantile from the normal one (Cornish and Fisher, 1937). */
export const studentQuantile = (df: number): number =>
  z + (z ** 3 + z) / (4 * df) + (5 * z ** 5 + 16 * z ** 3 + 3 * z) / (96 * df * df);

/** Bounds of sum of amounts / sum of counts. */
export function meanBounds(
  tallies: readonly Tally[],
  { k, p, most, heaviest }: SampleFacts,
): Bounds {
  if (tallies.length < 4) return { low: 0, high: most.amount };
  let amount = 0;
  let count = 0;
  for (const t of tallies) {
    amount += t.amount;
    count += t.count;
  }
  const ratio = amount / count;
  let squares = 0;
  let furthest = Math.max(0, heaviest.amount - ratio * heaviest.count);
  for (const t of tallies) {
    const e = t.amount - ratio * t.count;
    squares += e * e;
    furthest = Math.max(furthest, Math.abs(e));
  }
  const unseen = Math.max(UNSEEN_FACTOR * furthest, most.amount * fear(k));
  const spread =
    (studentQuantile(tallies.length - 1) * Math.sqrt((1 - p) * (squares + unseen * unseen))) /
    count;
  const [low, high] = [ratio - spread, ratio + spread];
  return {
    low: Math.max(0, (low * count) / (count + p * most.count)),
    high: Math.min(most.amount, high + (Math.max(0, most.amount - high) * p) / (count + p)),
  };
}
