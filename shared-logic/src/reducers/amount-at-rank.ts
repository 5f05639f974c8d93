// The nearest rank: of n sorted amounts the one that a share q of them does not exceed, the smallest of those.
import { type Decimal, parseDecimal } from "../algebra/decimal.ts";

/** From 1 on. `q` is above 0 and at most 1. */
export function nearestRank(n: number, q: Decimal): number {
  const whole = 10n ** BigInt(q.scale);
  return Number((q.units * BigInt(n) + whole - 1n) / whole);
}

export function amountAtRank(sorted: ArrayLike<number>, q: Decimal): number {
  const amount = sorted[nearestRank(sorted.length, q) - 1];
  if (amount === undefined) throw new RangeError("nothing has no rank");
  return amount;
}

/** A share as a decimal. Throws a RangeError where it is none above 0 and at most 1. */
export function shareOf(what: string, q: number): Decimal {
  const share = parseDecimal(String(q));
  if (!(q > 0 && q <= 1) || share === undefined)
    throw new RangeError(`${what}: q is above 0 and at most 1, not ${q}`);
  return share;
}
