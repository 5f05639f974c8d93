// What share of things has a property that x of n drawn ones have: Wilson's score interval with continuity
// correction (Newcombe, Statistics in Medicine 17, 1998), narrowed by √(share not drawn) since nothing is
// drawn twice.
import { Z_CONFIDENCE as z } from "../algebra/estimate.ts";

import type { Bounds } from "./sample-bounds.ts";

export interface Counted extends Bounds {
  readonly value: number;
}

/** `left`: the share of all things that was not drawn. */
export function shareBounds(x: number, n: number, left: number): Bounds {
  const p = x / n;
  const middle = 2 * n * p + z * z;
  const width = 2 * (n + z * z);
  const spread = (sign: 1 | -1): number =>
    z * Math.sqrt(Math.max(0, z * z + sign * 2 - 1 / n + 4 * p * (n * (1 - p) - sign))) + 1;
  const shrink = Math.sqrt(left);
  const below = x === 0 ? 0 : Math.max(0, (middle - spread(-1)) / width);
  const above = x === n ? 1 : Math.min(1, (middle + spread(1)) / width);
  return { low: p - (p - below) * shrink, high: p + (above - p) * shrink };
}

/** How many of `all`; never against what the drawn ones prove. */
export function sharedCount(x: number, n: number, all: number): Counted {
  if (n >= all) return { value: x, low: x, high: x };
  const share = shareBounds(x, n, 1 - n / all);
  const low = Math.max(x, Math.floor(share.low * all));
  const high = Math.min(all - (n - x), Math.ceil(share.high * all));
  const value = Math.min(high, Math.max(low, Math.round((x / n) * all)));
  return { value, low: Math.min(low, value), high };
}
