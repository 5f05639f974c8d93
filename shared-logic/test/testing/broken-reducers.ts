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
const thawed = new WeakSet<Numbers>();

/** Value and count by turns: the four values of most events. */
function top(pairs: readonly number[]): number[] {
  const counts = new Map<number, number>();
  for (let i = 0; i < pairs.length; i += 2)
    counts.set(pairs[i] ?? 0, (counts.get(pairs[i] ?? 0) ?? 0) + (pairs[i + 1] ?? 0));
  const ranked = [...counts].sort(([v, n], [w, m]) => m - n || v - w);
  return ranked.slice(0, 4).flat();
}

const handedOut = new WeakMap<Numbers, Uint8Array>();
function cached(s: Numbers): Uint8Array {
  const bytes = handedOut.get(s) ?? encode(s);
  handedOut.set(s, bytes);
  return bytes;
}

/** What the bytes begin with, whatever follows. */
function decodeHead(bytes: Uint8Array): Numbers {
  const reader = new ByteReader(bytes);
  expectBytes(reader.u8() === 1, "format");
  const [total, count, length] = [reader.f64(), reader.varint(), reader.varint()];
  return { total, count, seen: Array.from({ length: Math.min(length, 1e6) }, () => reader.f64()) };
}

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
  ["skipsNothing", reducer("skips all the same", algebra, { skipsNothing: true })],
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
  [
    "exact plus is commutative",
    withExact("last write without a time", {
      append: (s, x) => ({ total: x, count: s.count + 1, seen: [] }),
      plus: (a, b) => ({ ...(b.count === 0 ? a : b), count: a.count + b.count }),
    }),
  ],
  [
    "exact is deterministic",
    withExact("rolls a die", {
      append: (s, x) => algebra.append(s, Math.random() < 0.5 ? x : x + 1),
    }),
  ],
  [
    "exact leaves its inputs alone",
    withExact("mutating merge", { plus: (a, b) => Object.assign(a, algebra.plus(a, b)) }),
  ],
  [
    "exact leaves its inputs alone",
    withExact("show that tidies up", {
      present: (s) => algebra.present(Object.assign(s, { seen: [] }), never),
    }),
  ],
  [
    "approx shows the same however it was split",
    reducer("order-dependent estimate", algebra, {
      approx: {
        ...algebra,
        append: (s, x) => ({ total: s.total * 0.9 + x, count: s.count + 1, seen: [] }),
        present: ({ total }) => ranged(Math.round(total * 1000), 1),
      },
    }),
  ],
  [
    "exact plus is associative",
    withExact("truncating top-K", {
      append: (s, x) => ({ ...algebra.append(s, x), seen: top([...s.seen, Math.abs(x) % 7, 1]) }),
      plus: (a, b) => ({ ...algebra.plus(a, b), seen: top([...a.seen, ...b.seen]) }),
    }),
  ],
  [
    "exact plus is commutative",
    withExact("sample of whoever came first", {
      append: (s, x) => ({ ...algebra.append(s, x), seen: [...s.seen, x].slice(0, 8) }),
      plus: (a, b) => ({ ...algebra.plus(a, b), seen: [...a.seen, ...b.seen].slice(0, 8) }),
    }),
  ],
  ["exact shares no bytes", withExact("bytes handed out twice", { encode: (s) => cached(s) })],
  [
    "exact refuses damaged bytes",
    withExact("reads no further than it must", {
      decode: (b) => decode(b.subarray(0, encode(decodeHead(b)).length)),
    }),
  ],
  [
    "toApprox keeps zero",
    reducer("bridge that makes something of nothing", algebra, {
      toApprox: (s) => (s.count === 0 ? { total: 1, count: 1, seen: [] } : s),
    }),
  ],
  [
    "toApprox leaves its input alone",
    reducer("mutating bridge", algebra, {
      toApprox: (s) => Object.assign(s, { total: Math.round(s.total) }),
    }),
  ],
  [
    "exact shows low = value = high",
    withExact("exact side that is not sure", { present: ({ total }) => ranged(total, 1) }),
  ],
  [
    "approx shows low <= value <= high",
    reducer("sure of an interval", algebra, {
      approx: { ...algebra, present: ({ total }) => ({ ...ranged(total, 1), confidence: 1 }) },
    }),
  ],
  [
    "approx bytes come back",
    reducer("lossy codec", algebra, {
      approx: {
        ...algebra,
        encode: (s) => encode({ ...s, total: Math.fround(s.total / 3) }),
      },
    }),
  ],
  [
    "exact decoded states add alike",
    withExact("decoded states that cannot be added", {
      plus: (a, b) => algebra.plus(a, thawed.has(b) ? algebra.zero : b),
      decode: (bytes) => {
        const s = decode(bytes);
        thawed.add(s);
        return s;
      },
    }),
  ],
  [
    "exact kernel equals appending",
    reducer("kernel that forgets what it loads", algebra, {
      kernels: {
        exact: () => ({ ...genericKernel(algebra, lawfulItems), load: () => undefined }),
      },
    }),
  ],
];

const never = { window: { from: 0, until: 0 }, events: 0 } as never;
