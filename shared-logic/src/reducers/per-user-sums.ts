// What users come to, exactly, by group: counts and amounts are added up as whole numbers, and shown once. A
// quantile needs every amount.
import { decimalOf, quotient } from "../algebra/decimal.ts";
import { type Estimate, exactly } from "../algebra/estimate.ts";
import { amountAtRank } from "./amount-at-rank.ts";
import { groupsOf } from "./per-user-group.ts";
import type { Listed, PerUserAnswer } from "./per-user-shape.ts";

interface Sum {
  count: bigint;
  amount: bigint;
  /** In any order; kept for a quantile alone. */
  readonly amounts: number[];
}
export type Sums = Map<string, Sum>;

const nothing = (): Sum => ({ count: 0n, amount: 0n, amounts: [] });

export function addToSum(sums: Sums, key: string, count: bigint, amount: bigint): Sum {
  let sum = sums.get(key);
  if (sum === undefined) {
    sum = nothing();
    sums.set(key, sum);
  }
  sum.count += count;
  sum.amount += amount;
  return sum;
}

export const estimateOfSum = (answer: PerUserAnswer, sum: Sum = nothing()): Estimate => {
  if (answer.kind === "total") return exactly(decimalOf(sum.count));
  if (sum.count === 0n) return exactly(null);
  if (answer.kind === "mean")
    return exactly(quotient(decimalOf(sum.amount, answer.amountScale), sum.count, answer.digits));
  const amount = amountAtRank(Float64Array.from(sum.amounts).sort(), answer.q);
  return exactly(decimalOf(BigInt(amount), answer.amountScale));
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
