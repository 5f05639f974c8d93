// A lawful reducer, the sum and count of whole numbers, and what others are made of that are like it but for one part.
import type { Algebra } from "../../src/algebra/algebra.ts";
import { quotient } from "../../src/algebra/decimal.ts";
import { exactly } from "../../src/algebra/estimate.ts";
import { genericKernel } from "../../src/algebra/generic-kernel.ts";
import { NO_REACH, type Reducer } from "../../src/algebra/reducer.ts";
import { ByteReader } from "../../src/codec/byte-reader.ts";
import { ByteWriter } from "../../src/codec/byte-writer.ts";
import { expectBytes } from "../../src/codec/state-format.ts";
import { decimal } from "../../src/metrics/selector.ts";
import { unitsItems } from "../../src/reducers/units.ts";

export interface Numbers {
  readonly total: number;
  readonly count: number;
  readonly seen: readonly number[];
}

type A = Algebra<number, Numbers>;
export type NumbersReducer = Reducer<number, Numbers, Numbers>;

export const encode = (s: Numbers): Uint8Array => {
  const out = new ByteWriter().u8(1).f64(s.total).varint(s.count).varint(s.seen.length);
  for (const x of s.seen) out.f64(x);
  return out.done();
};

export function decode(bytes: Uint8Array): Numbers {
  const reader = new ByteReader(bytes);
  expectBytes(reader.u8() === 1, "format");
  const [total, count, length] = [reader.f64(), reader.varint(), reader.varint()];
  const seen = Array.from({ length: Math.min(length, 1e6) }, () => reader.f64());
  reader.end();
  return { total, count, seen };
}

export const algebra: A = {
  zero: { total: 0, count: 0, seen: [] },
  append: (s, x) => ({ total: s.total + x, count: s.count + 1, seen: [] }),
  plus: (a, b) => ({ total: a.total + b.total, count: a.count + b.count, seen: [] }),
  present: ({ total, count }) =>
    exactly(
      count === 0
        ? null
        : quotient({ units: BigInt(Math.round(total)), scale: 0 }, BigInt(count), 6),
    ),
  encode,
  decode,
};

export const price = decimal("properties.price", { scale: 0 });

export function reducer(
  kind: string,
  exact: A,
  parts: Partial<NumbersReducer> = {},
): NumbersReducer {
  return {
    spec: { kind },
    selects: [],
    grains: ["minute"],
    additive: true,
    monotone: false,
    atMostEvents: false,
    reach: NO_REACH,
    exact,
    approx: exact,
    toApprox: (s) => s,
    items(columns) {
      const itemOf = unitsItems(price)(columns);
      return (row) => {
        const units = itemOf(row);
        return units === undefined ? undefined : Number(units);
      };
    },
    ...parts,
  };
}

export const withExact = (kind: string, parts: Partial<A>): NumbersReducer =>
  reducer(kind, { ...algebra, ...parts });

/** Passes every law: what the others are a mutation of. */
export const lawful = reducer("lawful", algebra, {
  kernels: { exact: () => genericKernel(algebra, lawfulItems) },
});
export const lawfulItems: NumbersReducer["items"] = (columns) => lawful.items(columns);

export const ranged = (total: number, half: number) => ({
  value: { units: BigInt(total), scale: 0 },
  low: { units: BigInt(total - half), scale: 0 },
  high: { units: BigInt(total + half), scale: 0 },
  confidence: 0.99,
});

/** For `present` where it looks at neither window nor events. */
export const never = { window: { from: 0, until: 0 }, events: 0 } as never;
