// How many different texts there are, of users for example. Exactly, the set of them; approximately, a
// HyperLogLog of their hashes. A row without text (null, absent, an object or an array) adds nothing and
// is not skipped: its item is null, an event without a user, and append(s, null) = s.
import type { Algebra } from "../algebra/algebra.ts";
import { decimalOf } from "../algebra/decimal.ts";
import { exactly } from "../algebra/estimate.ts";
import { NO_REACH, type Reducer } from "../algebra/reducer.ts";
import { murmur3Text } from "../hash/murmur3.ts";
import { pathsOfSelector, type Selector } from "../metrics/selector.ts";
import {
  addHash,
  DEFAULT_PRECISION,
  emptyHyperLogLog,
  fromHashes,
  type HyperLogLog,
  union,
} from "../sketches/hyperloglog.ts";
import { decodeHyperLogLog, encodeHyperLogLog } from "../sketches/hyperloglog-codec.ts";
import { deviationHyperLogLog } from "../sketches/hyperloglog-deviation.ts";
import { presentHyperLogLog } from "../sketches/hyperloglog-interval.ts";
import { hyperLogLogKernel } from "../sketches/kernels/hyperloglog-kernel.ts";
import type { GrainOption } from "./additive.ts";
import { TextSetKernel } from "./kernels/text-set-kernel.ts";
import { decodeTextSet, encodeTextSet, type TextSet, unionTexts, withText } from "./text-set.ts";
import { encodedTexts } from "./text-set-encoded.ts";

/** A text, or null for an event that has none. */
export type TextItem = string | null;

export interface DistinctOptions extends GrainOption {
  /** 2^precision registers, 4 to 16; the standard error is 1.04 / √registers. Default 12: 1.6 %. */
  readonly precision?: number;
}

const exactSet: Algebra<TextItem, TextSet> = {
  zero: [],
  append: (set, text) => (text === null ? set : withText(set, text)),
  plus: unionTexts,
  present: (set) => exactly(decimalOf(set.length)),
  encode: encodeTextSet,
  decode: decodeTextSet,
};

function addText(sketch: HyperLogLog, text: string): HyperLogLog {
  const [h0 = 0, h1 = 0] = murmur3Text(text);
  return addHash(sketch, h0, h1);
}

const hyperLogLogs = (precision: number): Algebra<TextItem, HyperLogLog> => ({
  zero: emptyHyperLogLog(precision),
  append: (sketch, text) => (text === null ? sketch : addText(sketch, text)),
  plus: union,
  present: (sketch, { events }) => presentHyperLogLog(sketch, events),
  encode: encodeHyperLogLog,
  decode: decodeHyperLogLog,
});

export function distinct(
  selector: Selector,
  { precision = DEFAULT_PRECISION, grains = ["hour", "day"] }: DistinctOptions = {},
): Reducer<TextItem, TextSet, HyperLogLog> {
  if (selector.select !== "text") {
    throw new RangeError(`distinct counts texts, not ${pathsOfSelector(selector).join(", ")}`);
  }
  const { path } = selector;
  return {
    spec: { kind: "distinct", precision },
    selects: [selector],
    grains,
    additive: false,
    monotone: true,
    atMostEvents: true,
    reach: NO_REACH,
    exact: exactSet,
    approx: hyperLogLogs(precision),
    deviation: (n) => deviationHyperLogLog(n, precision),
    encoded: encodedTexts(precision),
    skipsNothing: true,
    toApprox: (set) => fromHashes(set.map(murmur3Text), precision),
    items(columns) {
      const field = columns.field(path);
      return (row) => field.text(row) ?? null;
    },
    kernels: {
      exact: () => new TextSetKernel(path),
      approx: () => hyperLogLogKernel(path, precision),
    },
  };
}
