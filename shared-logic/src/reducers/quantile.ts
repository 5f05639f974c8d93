// A quantile of a decimal, by nearest rank: the smallest value that at least a share q of the values does not
// exceed; null of nothing. Exactly, the multiset of values; approximately, a DDSketch: counts of buckets of
// relative width, whose sum is the sketch of the sum. The interval is the bucket: sure, not only likely.
import type { Algebra } from "../algebra/algebra.ts";
import type { Decimal } from "../algebra/decimal.ts";
import { CONFIDENCE, type Estimate, exactly } from "../algebra/estimate.ts";
import { NO_REACH, type Reducer } from "../algebra/reducer.ts";
import type { Selector } from "../metrics/selector.ts";
import { bitsFor, bucketBounds, bucketOf, bucketOfBig } from "../sketches/log-buckets.ts";
import type { GrainOption } from "./additive.ts";
import { shareOf } from "./amount-at-rank.ts";
import {
  type CountedNumbers,
  countedOf,
  decodeCounted,
  encodeCounted,
  keyAtRank,
  NO_NUMBERS,
  plusCounted,
} from "./counted-numbers.ts";
import { type CountedCodec, countedKernel } from "./kernels/counted-kernel.ts";
import { scaleOf, unitsItems } from "./units.ts";

export interface QuantileOptions extends GrainOption {
  /** Above 0, at most 1: 0.5 is the median, 1 the largest. */
  readonly q: number;
  /** Most that an approximate value is off, as a share of it. Default 0.01; 0.0001 to 0.25. */
  readonly relativeError?: number;
}

/** `bits` 0: the numbers themselves. */
function counted(
  bits: number,
  keyOf: (units: bigint) => bigint,
  shown: (key: bigint) => Estimate,
  q: Decimal,
) {
  const algebra: Algebra<bigint, CountedNumbers> = {
    zero: NO_NUMBERS,
    append: (s, units) => plusCounted(s, { keys: [keyOf(units)], counts: [1] }),
    plus: plusCounted,
    present(s) {
      const key = keyAtRank(s, q);
      return key === undefined ? exactly(null) : shown(key);
    },
    encode: (s) => encodeCounted(s, bits),
    decode: (bytes) => decodeCounted(bytes, bits),
  };
  return algebra;
}

export function quantile(
  selector: Selector,
  { q, relativeError = 0.01, grains = ["hour", "day"] }: QuantileOptions,
): Reducer<bigint, CountedNumbers, CountedNumbers> {
  const share = shareOf("quantile", q);
  if (!(relativeError >= 0.0001 && relativeError <= 0.25))
    throw new RangeError(`quantile: relativeError is 0.0001 to 0.25, not ${relativeError}`);
  const scale = scaleOf(selector);
  const bits = bitsFor(relativeError);
  const bucket = (units: bigint) => bucketOfBig(units, bits);
  const exact = counted(
    0,
    (units) => units,
    (units) => exactly({ units, scale }),
    share,
  );
  const approx = counted(
    bits,
    bucket,
    (key) => {
      const { low, high } = bucketBounds(key, bits);
      return {
        value: { units: (low + high) / 2n, scale },
        low: { units: low, scale },
        high: { units: high, scale },
        confidence: CONFIDENCE,
      };
    },
    share,
  );
  const kernel = (codec: Omit<CountedCodec, "encode" | "decode">, of: typeof exact) => () =>
    countedKernel(selector, {
      ...codec,
      encode: (s) => of.encode(s),
      decode: (bytes) => of.decode(bytes),
    });
  return {
    spec: { kind: "quantile", q, bits },
    stateKey: `quantile ${JSON.stringify([selector, bits])}`,
    selects: [selector],
    grains,
    additive: false,
    monotone: false,
    atMostEvents: false,
    reach: NO_REACH,
    exact,
    approx,
    toApprox: ({ keys, counts }) =>
      countedOf(keys.map((units, i) => [bucket(units), counts[i] ?? 0] as const)),
    items: unitsItems(selector),
    kernels: {
      exact: kernel({ keyOf: (n) => n, keyOfBig: (n) => n }, exact),
      approx: kernel({ keyOf: (n) => bucketOf(n, bits), keyOfBig: bucket }, approx),
    },
  };
}
