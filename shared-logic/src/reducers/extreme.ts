// The smallest or largest value of a decimal; null of nothing. State: units of 10^-scale, or null. Bytes:
// format 1; 0, or 1 and the units as zigzag varint. Which of the two it is stands in the metric.
import type { Algebra } from "../algebra/algebra.ts";
import { exactly } from "../algebra/estimate.ts";
import type { Reducer } from "../algebra/reducer.ts";
import { ByteWriter } from "../codec/byte-writer.ts";
import { expectBytes, readState } from "../codec/state-format.ts";
import type { Selector } from "../metrics/selector.ts";
import { additive, type GrainOption } from "./additive.ts";
import { extremeKernel } from "./kernels/extreme-kernel.ts";
import { scaleOf, unitsItems } from "./units.ts";

const FORMAT = 1;

export type Extremum = "min" | "max";

export interface Extreme {
  readonly units: bigint | null;
}

function encodeExtreme(units: bigint | null): Uint8Array {
  const out = new ByteWriter(16).u8(FORMAT);
  return units === null ? out.u8(0).done() : out.u8(1).bigint(units).done();
}

function decodeExtreme(bytes: Uint8Array): bigint | null {
  const reader = readState(bytes, FORMAT, "extreme");
  const there = reader.u8();
  expectBytes(there <= 1, "extreme");
  const units = there === 1 ? reader.bigint() : null;
  reader.end();
  return units;
}

/** The better of two, where null is nothing. */
function better(which: Extremum, a: bigint | null, b: bigint | null): bigint | null {
  if (a === null || b === null) return a ?? b;
  return a < b === (which === "min") ? a : b;
}

const extremeAlgebra = (which: Extremum, scale: number): Algebra<bigint, Extreme> => ({
  zero: { units: null },
  append: (s, units) => ({ units: better(which, s.units, units) }),
  plus: (a, b) => ({ units: better(which, a.units, b.units) }),
  present: ({ units }) => exactly(units === null ? null : { units, scale }),
  encode: (s) => encodeExtreme(s.units),
  decode: (bytes) => ({ units: decodeExtreme(bytes) }),
});

export const extreme = (
  which: Extremum,
  selector: Selector,
  { grains }: GrainOption,
): Reducer<bigint, Extreme, Extreme> =>
  additive({
    spec: { kind: which },
    selects: [selector],
    grains,
    monotone: false,
    atMostEvents: false,
    algebra: extremeAlgebra(which, scaleOf(selector)),
    items: unitsItems(selector),
    kernel: () =>
      extremeKernel(selector, {
        encode: encodeExtreme,
        decode: decodeExtreme,
        better: (a, b) => better(which, a, b),
        sign: which === "min" ? 1 : -1,
      }),
  });
