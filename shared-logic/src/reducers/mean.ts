// The mean of a decimal, or the share of events a flag holds for; null of nothing. State: sum and count,
// divided once, in present, to the declared digits, half to even. Bytes: format 1, sum as zigzag varint,
// count as varint.
import type { Algebra } from "../algebra/algebra.ts";
import { quotient } from "../algebra/decimal.ts";
import { exactly } from "../algebra/estimate.ts";
import type { Reducer } from "../algebra/reducer.ts";
import { ByteWriter } from "../codec/byte-writer.ts";
import { expectBytes, readState } from "../codec/state-format.ts";
import type { Selector } from "../metrics/selector.ts";
import { additive, type GrainOption } from "./additive.ts";
import { meanKernel } from "./kernels/mean-kernel.ts";
import { scaleOf, unitsItems } from "./units.ts";

const FORMAT = 1;

export interface Mean {
  /** Sum of the units, and how many they are. */
  readonly units: bigint;
  readonly count: number;
}

export interface MeanOptions extends GrainOption {
  /** Digits after the point of what is shown. */
  readonly digits: number;
}

const encodeMean = (s: Mean): Uint8Array =>
  new ByteWriter(24).u8(FORMAT).bigint(s.units).varint(s.count).done();

function decodeMean(bytes: Uint8Array): Mean {
  const reader = readState(bytes, FORMAT, "mean");
  const mean = { units: reader.bigint(), count: reader.varint() };
  reader.end();
  expectBytes(mean.count > 0 || mean.units === 0n, "mean of nothing");
  return mean;
}

const meanAlgebra = (scale: number, digits: number): Algebra<bigint, Mean> => ({
  zero: { units: 0n, count: 0 },
  append: (s, units) => ({ units: s.units + units, count: s.count + 1 }),
  plus: (a, b) => ({ units: a.units + b.units, count: a.count + b.count }),
  present: ({ units, count }) =>
    exactly(count === 0 ? null : quotient({ units, scale }, BigInt(count), digits)),
  encode: encodeMean,
  decode: decodeMean,
});

export function mean(
  selector: Selector,
  { digits, grains }: MeanOptions,
): Reducer<bigint, Mean, Mean> {
  if (!Number.isInteger(digits) || digits < 0 || digits > 18)
    throw new RangeError("digits: 0 to 18");
  return additive({
    spec: { kind: "mean", digits },
    selects: [selector],
    grains,
    monotone: false,
    atMostEvents: false,
    algebra: meanAlgebra(scaleOf(selector), digits),
    items: unitsItems(selector),
    kernel: () => meanKernel(selector, { encode: encodeMean, decode: decodeMean }),
  });
}
