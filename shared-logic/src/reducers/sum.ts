// The sum of a decimal, or of a flag: exact in every order. State: whole units of 10^-scale, meant for
// what 128 bits hold, though nothing overflows beyond. Bytes: format 1, units as zigzag varint.
import type { Algebra } from "../algebra/algebra.ts";
import { exactly } from "../algebra/estimate.ts";
import type { Reducer } from "../algebra/reducer.ts";
import { ByteWriter } from "../codec/byte-writer.ts";
import { readState } from "../codec/state-format.ts";
import type { Selector } from "../metrics/selector.ts";
import { additive, type GrainOption } from "./additive.ts";
import { SumKernel } from "./kernels/sum-kernel.ts";
import { scaleOf, unitsItems } from "./units.ts";

const FORMAT = 1;

export interface Sum {
  readonly units: bigint;
}

const encodeSum = (units: bigint): Uint8Array => new ByteWriter(16).u8(FORMAT).bigint(units).done();

function decodeSum(bytes: Uint8Array): bigint {
  const reader = readState(bytes, FORMAT, "sum");
  const units = reader.bigint();
  reader.end();
  return units;
}

const sumAlgebra = (scale: number): Algebra<bigint, Sum> => ({
  zero: { units: 0n },
  append: (s, units) => ({ units: s.units + units }),
  plus: (a, b) => ({ units: a.units + b.units }),
  present: (s) => exactly({ units: s.units, scale }),
  encode: (s) => encodeSum(s.units),
  decode: (bytes) => ({ units: decodeSum(bytes) }),
});

export const sum = (selector: Selector, { grains }: GrainOption = {}): Reducer<bigint, Sum, Sum> =>
  additive({
    spec: { kind: "sum" },
    selects: [selector],
    grains,
    // Units may be negative.
    monotone: false,
    atMostEvents: false,
    algebra: sumAlgebra(scaleOf(selector)),
    items: unitsItems(selector),
    kernel: () => new SumKernel(selector, { encode: encodeSum, decode: decodeSum }),
  });
