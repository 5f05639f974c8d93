// Reducers that are wrong in one way each, and the laws that must find them. They are made of a lawful
// one (the sum and count of whole numbers) with one function replaced.
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
export type Broken = Reducer<number, Numbers, Numbers>;

const encode = (s: Numbers): Uint8Array => {
  const out = new ByteWriter().u8(1).f64(s.total).varint(s.count).varint(s.seen.length);
  for (const x of s.seen) out.f64(x);
  return out.done();
};

function decode(bytes: Uint8Array): Numbers {
  const reader = new ByteReader(bytes);
  expectBytes(reader.u8() === 1, "format");
  const [total, count, length] = [reader.f64(), reader.varint(), reader.varint()];
  const seen = Array.from({ length: Math.min(length, 1e6) }, () => reader.f64());
  reader.end();
  return { total, count, seen };
}

const algebra: A = {
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

const price = decimal("properties.price", { scale: 0 });

function reducer(kind: string, exact: A, parts: Partial<Broken> = {}): Broken {
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

const withExact = (kind: string, parts: Partial<A>): Broken =>
  reducer(kind, { ...algebra, ...parts });

/** Passes every law: what the others are a mutation of. */
export const lawful = reducer("lawful", algebra, {
  kernels: { exact: () => genericKernel(algebra, lawfulItems) },
});
const lawfulItems: Broken["items"] = (columns) => lawful.items(columns);

const ranged = (total: number, half: number) => ({
  value: { units: BigInt(total), scale: 0 },
  low: { units: BigInt(total - half), scale: 0 },
  high: { units: BigInt(total + half), scale: 0 },
  confidence: 0.99,
});

let ticks = 0;

/** By the law that must find it (a part of its name): the reducer. */
export const broken: readonly (readonly [law: string, reducer: Broken])[] = [
  [
    "exact plus is associative",
    withExact("halving plus", {
      plus: (a, b) => ({ total: (a.total + b.total) / 2, count: a.count + b.count, seen: [] }),
    }),
  ],
  [
    "exact plus is commutative",
    withExact("left plus", { plus: (a, b) => (b.count === 0 ? a : b) }),
  ],
  ["exact zero is neutral", withExact("zero of one", { zero: { total: 1, count: 1, seen: [] } })],
  [
    "exact append is plus",
    withExact("append twice", {
      append: (s, x) => ({
        total: s.total + x * (s.count === 0 ? 1 : 2),
        count: s.count + 1,
        seen: [],
      }),
    }),
  ],
  [
    "toApprox keeps plus",
    reducer("capped bridge", algebra, {
      toApprox: (s) => ({ ...s, total: Math.min(s.total, 1000) }),
    }),
  ],
  [
    "toApprox keeps append",
    reducer("bridge of another item", algebra, {
      approx: { ...algebra, append: (s, x) => algebra.append(s, x + 1) },
    }),
  ],
  [
    "exact bytes are canonical",
    withExact("bytes in order of arrival", {
      append: (s, x) => ({ ...algebra.append(s, x), seen: [...s.seen, x].slice(-8) }),
      plus: (a, b) => ({ ...algebra.plus(a, b), seen: [...a.seen, ...b.seen].slice(-8) }),
    }),
  ],
  [
    "exact bytes come back",
    withExact("forgets its count", { decode: (b) => ({ ...decode(b), count: 0 }) }),
  ],
  [
    "exact refuses damaged bytes",
    withExact("reads anything", {
      decode: (b) => (b[0] === 1 ? decode(b) : { total: 0, count: 0, seen: [] }),
    }),
  ],
  [
    "exact leaves its inputs alone",
    withExact("adds in place", { append: (s, x) => Object.assign(s, algebra.append(s, x)) }),
  ],
  [
    "exact is deterministic",
    withExact("reads the clock", {
      present: (s) => (Date.now() > 0 ? algebra.present(s, never) : exactly(null)),
    }),
  ],
  [
    "exact is deterministic",
    withExact("counts its calls", { encode: (s) => encode({ ...s, total: s.total + ticks++ }) }),
  ],
  [
    "exact shows low <= value <= high",
    withExact("interval beside its value", {
      present: ({ total }) => ({
        ...ranged(total, 1),
        low: { units: BigInt(total) + 2n, scale: 0 },
      }),
    }),
  ],
  [
    "bounds hold as often as claimed",
    reducer(
      "lying interval",
      { ...algebra, present: ({ total }) => exactly({ units: BigInt(total), scale: 0 }) },
      {
        approx: { ...algebra, present: ({ total }) => ranged(Math.round(total / 50) * 50, 20) },
      },
    ),
  ],
  [
    "approx growth is bounded",
    withExact("keeps every item", {
      append: (s, x) => ({ ...algebra.append(s, x), seen: [...s.seen, x].sort((a, b) => a - b) }),
      plus: (a, b) => ({
        ...algebra.plus(a, b),
        seen: [...a.seen, ...b.seen].sort((x, y) => x - y),
      }),
    }),
  ],
  [
    "large values lose nothing in any order",
    reducer("float sum", { ...algebra, present: () => exactly(null) }, { selects: [price] }),
  ],
  [
    "exact shows the same however it was split",
    withExact("average of averages", {
      append: (s, x) => ({
        total: (s.total + x) / (s.count === 0 ? 1 : 2),
        count: s.count + 1,
        seen: [],
      }),
      plus: (a, b) =>
        a.count === 0 || b.count === 0
          ? algebra.plus(a, b)
          : { total: (a.total + b.total) / 2, count: a.count + b.count, seen: [] },
      present: ({ total }) => exactly({ units: BigInt(Math.round(total * 1000)), scale: 3 }),
    }),
  ],
  [
    "exact shows the truth",
    withExact("off by one", {
      present: (s) => algebra.present({ ...s, total: s.total + s.count }, never),
    }),
  ],
  ["monotone", reducer("falls", algebra, { monotone: true })],
  ["atMostEvents", reducer("above its events", algebra, { atMostEvents: true })],
  [
    "additive",
    reducer("two sides", algebra, {
      approx: { ...algebra, encode: (s) => encode({ ...s, seen: [1] }) },
    }),
  ],
  [
    "exact kernel equals appending",
    reducer("kernel that skips silently", algebra, {
      kernels: {
        exact: () => {
          const kernel = genericKernel(algebra, lawfulItems);
          return {
            ...kernel,
            fold: (columns, rows, slots, n) =>
              kernel.fold(columns, rows, slots, n, new Float64Array(slots.length)),
          };
        },
      },
    }),
  ],
  [
    "exact kernel equals appending",
    reducer("kernel that does not clear", algebra, {
      kernels: {
        exact: () => ({ ...genericKernel(algebra, lawfulItems), clear: () => undefined }),
      },
    }),
  ],
];

const never = { window: { from: 0, until: 0 }, events: 0 } as never;
