// Reducers whose exact side is wrong in one way each, and the laws that must find them: the lawful one with one
// function of its algebra replaced.
import { exactly } from "../../src/algebra/estimate.ts";
import { ByteReader } from "../../src/codec/byte-reader.ts";
import { expectBytes } from "../../src/codec/state-format.ts";
import {
  algebra,
  decode,
  encode,
  type Numbers,
  type NumbersReducer,
  never,
  ranged,
  withExact,
} from "./lawful-reducer.ts";

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
export const brokenAlgebras: readonly (readonly [law: string, reducer: NumbersReducer])[] = [
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
    "exact shows low = value = high",
    withExact("exact side that is not sure", { present: ({ total }) => ranged(total, 1) }),
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
];
