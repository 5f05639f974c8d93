// How many events there are. State: the count. Bytes: format 1, the count as varint.
import type { Algebra } from "../algebra/algebra.ts";
import { decimalOf } from "../algebra/decimal.ts";
import { exactly } from "../algebra/estimate.ts";
import type { Reducer } from "../algebra/reducer.ts";
import { ByteWriter } from "../codec/byte-writer.ts";
import { readState } from "../codec/state-format.ts";
import { additive, type GrainOption } from "./additive.ts";
import { CountKernel } from "./kernels/count-kernel.ts";

const FORMAT = 1;

export interface Count {
  readonly count: number;
}

/** An event has nothing to be read: its item says only that it is there. */
export type Presence = null;

function writeCount(count: number, out: ByteWriter): void {
  out.u8(FORMAT).varint(count);
}

function encodeCount(count: number): Uint8Array {
  const out = new ByteWriter(10);
  writeCount(count, out);
  return out.done();
}

function decodeCount(bytes: Uint8Array): number {
  const reader = readState(bytes, FORMAT, "count");
  const count = reader.varint();
  reader.end();
  return count;
}

const countAlgebra: Algebra<Presence, Count> = {
  zero: { count: 0 },
  append: (s) => ({ count: s.count + 1 }),
  plus: (a, b) => ({ count: a.count + b.count }),
  present: (s) => exactly(decimalOf(s.count)),
  encode: (s) => encodeCount(s.count),
  decode: (bytes) => ({ count: decodeCount(bytes) }),
};

export const count = ({ grains }: GrainOption = {}): Reducer<Presence, Count, Count> =>
  additive({
    spec: { kind: "count" },
    selects: [],
    grains,
    monotone: true,
    atMostEvents: true,
    algebra: countAlgebra,
    items: () => () => null,
    kernel: () => new CountKernel({ encode: encodeCount, write: writeCount, decode: decodeCount }),
  });
