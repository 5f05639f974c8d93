// What a reducer owes what it shows: one value however the state was reached, inside its interval, and
// the interval true as often as it says.
import type { Algebra, PresentContext } from "../../algebra/algebra.ts";
import { compareDecimal, type Decimal } from "../../algebra/decimal.ts";
import type { Estimate } from "../../algebra/estimate.ts";
import type { Random } from "../../ports/random.ts";
import { appendAll, foldAnyhow } from "./fold-items.ts";

const sameDecimal = (a: Decimal | null, b: Decimal | null): boolean =>
  a === null || b === null ? a === b : compareDecimal(a, b) === 0;

export const sameEstimate = (a: Estimate, b: Estimate): boolean =>
  sameDecimal(a.value, b.value) &&
  sameDecimal(a.low, b.low) &&
  sameDecimal(a.high, b.high) &&
  a.confidence === b.confidence;

/** low <= value <= high, null all three or none, confidence in (0, 1], and 1 means low = high. */
export function ordered({ value, low, high, confidence }: Estimate): boolean {
  if (!(confidence > 0 && confidence <= 1)) return false;
  if (value === null || low === null || high === null) {
    return value === null && low === null && high === null;
  }
  if (compareDecimal(low, value) > 0 || compareDecimal(value, high) > 0) return false;
  return confidence < 1 || compareDecimal(low, high) === 0;
}

/** Parts of uneven size, merged, show what the whole shows: no average of averages. */
export const splitsAlike = <I, S>(
  A: Algebra<I, S>,
  items: readonly I[],
  context: PresentContext,
  random: Random,
): boolean =>
  sameEstimate(
    A.present(appendAll(A, items), context),
    A.present(foldAnyhow(A, items, random), context),
  );

/** The same of every group, where dimensions live inside the state. */
export function groupsSplitAlike<I, S>(
  A: Algebra<I, S>,
  items: readonly I[],
  context: PresentContext,
  dims: readonly string[],
  random: Random,
): boolean {
  const one = A.presentBy?.(appendAll(A, items), context, dims);
  const other = A.presentBy?.(foldAnyhow(A, items, random), context, dims);
  if (one === undefined || other === undefined || one.size !== other.size) return false;
  return [...one].every(([group, e]) => {
    const f = other.get(group);
    return f !== undefined && ordered(e) && sameEstimate(e, f);
  });
}

/** More events never lower the value. */
export function growsWith(before: Estimate, after: Estimate): boolean {
  if (before.value === null) return true;
  return after.value !== null && compareDecimal(before.value, after.value) <= 0;
}

export const atMost = ({ value, high }: Estimate, events: number): boolean => {
  const limit = { units: BigInt(events), scale: 0 };
  return [value, high].every((d) => d === null || compareDecimal(d, limit) <= 0);
};

/** The interval holds the truth. */
export function covers({ low, high, value }: Estimate, truth: Decimal | null): boolean {
  if (truth === null || low === null || high === null) return value === null && truth === null;
  return compareDecimal(low, truth) <= 0 && compareDecimal(truth, high) <= 0;
}

/**
 * The largest number of misses in `trials` that an honest interval of this confidence has, but for one
 * run in a million: the upper tail of the binomial distribution, added up from its first term.
 */
export function missesAllowed(trials: number, confidence: number): number {
  const miss = 1 - confidence;
  if (miss <= 0) return 0;
  let term = confidence ** trials;
  let below = term;
  let k = 0;
  while (1 - below > 1e-6 && k < trials) {
    term *= ((trials - k) / (k + 1)) * (miss / confidence);
    below += term;
    k++;
  }
  return k;
}
