// How many of N things have a property that x of n drawn ones have: Wilson's score interval with continuity
// correction (Newcombe, Statistics in Medicine 17, 1998), narrowed by √(1 − n/N) since nothing is drawn
// twice, and never against what the sample itself proves.
import { Z_CONFIDENCE as z } from "../algebra/estimate.ts";

export interface Counted {
  readonly value: number;
  readonly low: number;
  readonly high: number;
}

export function sharedCount(x: number, n: number, all: number): Counted {
  if (n >= all) return { value: x, low: x, high: x };
  const p = x / n;
  const middle = 2 * n * p + z * z;
  const width = 2 * (n + z * z);
  const spread = (sign: 1 | -1): number =>
    z * Math.sqrt(Math.max(0, z * z + sign * 2 - 1 / n + 4 * p * (n * (1 - p) - sign))) + 1;
  const shrink = Math.sqrt(1 - n / all);
  const below = x === 0 ? 0 : Math.max(0, (middle - spread(-1)) / width);
  const above = x === n ? 1 : Math.min(1, (middle + spread(1)) / width);
  const low = Math.max(x, Math.floor((p - (p - below) * shrink) * all));
  const high = Math.min(all - (n - x), Math.ceil((p + (above - p) * shrink) * all));
  const value = Math.min(high, Math.max(low, Math.round(p * all)));
  return { value, low: Math.min(low, value), high };
}
