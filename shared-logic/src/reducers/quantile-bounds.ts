// How wrong a quantile over a bottom-k sample of users can be, at 99 %: bounds of the share of occurrences that do not
// exceed an amount, turned round (Woodruff, "Confidence intervals for medians and other position measures",
// JASA 47, 1952). The share's variance is that of the ratio estimator at the quantile, users being drawn and not
// occurrences; it says of how many independent occurrences the sample tells (Korn and Graubard, Survey Methodology
// 24, 1998), for which Wilson's bounds are asked. A user nobody saw and one robot are feared as in sample-bounds.ts.
import type { Decimal } from "../algebra/decimal.ts";
import { Z_CONFIDENCE as z } from "../algebra/estimate.ts";
import { amountAtRank } from "./amount-at-rank.ts";
import {
  type Bounds,
  fear,
  type SampleFacts,
  studentQuantile,
  type Tally,
  UNSEEN_FACTOR,
} from "./sample-bounds.ts";
import { type Counted, shareBounds } from "./share-bounds.ts";

/** With the amount of every occurrence, in any order. */
export interface EveryTally extends Tally {
  readonly amounts: readonly number[];
}

/** Fewer do not even bound a median: all of seven lie on one side of it in 2 · 2^-7 of all samples, above 1 %. */
const FEWEST_USERS = 8;

/** Of at least one user; without facts every user is known. */
export function quantileBounds(
  tallies: readonly EveryTally[],
  facts: SampleFacts | undefined,
  q: Decimal,
): Counted {
  const sorted = Float64Array.from(tallies.flatMap(({ amounts }) => amounts)).sort();
  const value = amountAtRank(sorted, q);
  if (facts === undefined) return { value, low: value, high: value };
  const most = facts.most.amount;
  if (tallies.length < FEWEST_USERS) return { value, low: 0, high: most };
  const share = Number(q.units) / 10 ** q.scale;
  const within = sharesWithin(tallies, facts, value, sorted.length);
  if (within === undefined) return { value, low: 0, high: most };
  // Where even nothing may be so large a share, the quantile may be anything from 0 on.
  const lowest = firstOf(sorted.length, (i) => within(i).high >= share);
  const highest = firstOf(sorted.length, (i) => within(i).low >= share);
  return {
    value,
    low: Math.min(value, lowest === 0 ? 0 : (sorted[lowest - 1] ?? most)),
    high: Math.max(value, highest === 0 ? 0 : (sorted[highest - 1] ?? most)),
  };
}

/** The least number of 0 to `n` that `holds` for, n + 1 where there is none; it goes on holding above. */
function firstOf(n: number, holds: (i: number) => boolean): number {
  let [from, until] = [0, n + 1];
  while (from < until) {
    const middle = (from + until) >> 1;
    if (holds(middle)) until = middle;
    else from = middle + 1;
  }
  return from;
}

/**
 * Bounds of the share of all occurrences that do not exceed the i smallest of the `n` of the sample; undefined where
 * it tells of less than one.
 */
function sharesWithin(
  tallies: readonly EveryTally[],
  { k, p, most }: SampleFacts,
  value: number,
  n: number,
): ((i: number) => Bounds) | undefined {
  let [at, heaviest] = [0, 0];
  for (const { count, amounts } of tallies) {
    for (const amount of amounts) if (amount <= value) at++;
    heaviest = Math.max(heaviest, count);
  }
  // Shares of nothing and of all vary not at all: half an occurrence is always beside them.
  const r = Math.min(1 - 0.5 / n, Math.max(0.5 / n, at / n));
  let squares = 0;
  for (const { count, amounts } of tallies) {
    let below = 0;
    for (const amount of amounts) if (amount <= value) below++;
    squares += (below - r * count) ** 2;
  }
  const alike = r * (1 - r);
  const unseen = Math.max(UNSEEN_FACTOR * heaviest, most.count * fear(k));
  const variance =
    (squares + alike * unseen * unseen) * (studentQuantile(tallies.length - 1) / z) ** 2;
  const told = Math.min(n, (alike * n * n) / variance);
  if (told < 1) return undefined;
  const robot = p * most.count;
  return (i) => {
    const { low, high } = shareBounds((i / n) * told, told, 1 - p);
    return { low: (low * n) / (n + robot), high: (high * n + robot) / (n + robot) };
  };
}
