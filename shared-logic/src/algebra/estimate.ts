// What `present` returns: a value and the interval it lies in. Exact ones have low = high = value.
import { type Decimal, decimalOf } from "./decimal.ts";

/** `null` where no event says anything (mean, min or max of nothing). */
export interface Estimate {
  readonly value: Decimal | null;
  /** Inclusive. Null only where `value` is. */
  readonly low: Decimal | null;
  readonly high: Decimal | null;
  /** Share of trials in which the truth lies in [low, high]; 1 where the value is exact. */
  readonly confidence: number;
}

export const CONFIDENCE = 0.99;
/** Two-sided normal quantile of CONFIDENCE. */
export const Z_CONFIDENCE = 2.5758293035489004;

export const exactly = (value: Decimal | null): Estimate => ({
  value,
  low: value,
  high: value,
  confidence: 1,
});

const FEW = 1024;
const few: Estimate[] = [];

/** Of a whole number. Cells by the ten thousand have few of something: those share what they show. */
export function exactCount(count: number): Estimate {
  if (count >= FEW) return exactly(decimalOf(count));
  while (few.length <= count) few.push(exactly(decimalOf(few.length)));
  return few[count]!;
}
