// What users come to, exactly, by group: counts and amounts are added up as whole numbers, and shown once.
import { decimalOf, quotient } from "../algebra/decimal.ts";
import { type Estimate, exactly } from "../algebra/estimate.ts";
import { groupsOf } from "./per-user-group.ts";
import type { Listed, PerUserAnswer } from "./per-user-shape.ts";

interface Sum {
  count: bigint;
  amount: bigint;
}
export type Sums = Map<string, Sum>;

export function addToSum(sums: Sums, key: string, count: bigint, amount: bigint): void {
  const sum = sums.get(key);
  if (sum === undefined) sums.set(key, { count, amount });
  else {
    sum.count += count;
    sum.amount += amount;
  }
}

export const estimateOfSum = (
  answer: PerUserAnswer,
  sum: Sum = { count: 0n, amount: 0n },
): Estimate => {
  if (answer.kind === "total") return exactly(decimalOf(sum.count));
  if (sum.count === 0n) return exactly(null);
  return exactly(quotient(decimalOf(sum.amount, answer.amountScale), sum.count, answer.digits));
};

/** By group; those of a list are there even where nobody is in them. */
export function shownSums(
  answer: PerUserAnswer,
  listed: Listed | undefined,
  sums: Sums,
  by: readonly string[],
): Map<string, Estimate> {
  const out = new Map([...sums].map(([key, sum]) => [key, estimateOfSum(answer, sum)]));
  for (const key of groupsOf(by, listed)) if (!out.has(key)) out.set(key, estimateOfSum(answer));
  return out;
}
