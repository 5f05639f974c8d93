// One number divided by another: conversion, revenue per user, errors per request. The state is a pair of the
// two reducers' states, divided once, in present; the interval is that of the division over both intervals,
// missed at most as often as either. A row that a side takes part in and cannot read is skipped for both.
// Bytes: format 1, then each side's bytes with their length.
import type { Algebra } from "../algebra/algebra.ts";
import { compareDecimal, type Decimal, decimalOf, quotient } from "../algebra/decimal.ts";
import { type Estimate, exactly } from "../algebra/estimate.ts";
import { type AnyReducer, type Json, NO_REACH, type Reducer } from "../algebra/reducer.ts";
import { ByteWriter } from "../codec/byte-writer.ts";
import { readState } from "../codec/state-format.ts";
import type { EventColumns } from "../events/event-columns.ts";
import { conditionMask } from "../fold/condition-mask.ts";
import { flag } from "../metrics/selector.ts";
import type { GrainOption } from "./additive.ts";
import { type PairSide, pairKernel } from "./kernels/pair-kernel.ts";

export interface RatioOptions extends GrainOption {
  /** Digits after the point. */
  readonly digits: number;
  /** What the numerator counts is among what the denominator counts: never above 1. */
  readonly share?: boolean;
}

export interface Pair {
  readonly a: unknown;
  readonly b: unknown;
}

/** Undefined: the row does not take part on that side. */
export type PairItem = readonly [
  a: { readonly item: unknown } | undefined,
  b: { readonly item: unknown } | undefined,
];

/** A reducer, or one for the events of a condition alone. */
export type RatioSide = AnyReducer | PairSide;

const FORMAT = 1;
const NULL = exactly(null);

const sideOf = (side: RatioSide): PairSide => ("reducer" in side ? side : { reducer: side });

/** Rounded down (-1) or up (1) to so many digits. */
function rounded(n: Decimal, d: Decimal, digits: number, towards: -1 | 1): Decimal {
  const [units, below] = [n.units * 10n ** BigInt(d.scale), d.units * 10n ** BigInt(n.scale)];
  const up = units * 10n ** BigInt(digits);
  const floor = up / below - (up % below < 0n ? 1n : 0n);
  return { units: towards < 0 || floor * below === up ? floor : floor + 1n, scale: digits };
}

function divided(a: Estimate, b: Estimate, { digits, share = false }: RatioOptions): Estimate {
  if (a.value === null || b.value === null || a.low === null || a.high === null) return NULL;
  if (b.low === null || b.high === null || b.value.units <= 0n) return NULL;
  const value = quotient(
    { units: a.value.units * 10n ** BigInt(b.value.scale), scale: a.value.scale },
    b.value.units,
    digits,
  );
  const sure = a.confidence === 1 && b.confidence === 1;
  if (sure) return exactly(value);
  // The truth divides by something: by one unit at least.
  const least: Decimal = b.low.units > 0n ? b.low : { units: 1n, scale: b.low.scale };
  let low = rounded(a.low, a.low.units < 0n ? least : b.high, digits, -1);
  let high = rounded(a.high, a.high.units < 0n ? b.high : least, digits, 1);
  let shown = value;
  if (share) {
    const one = decimalOf(10n ** BigInt(digits), digits);
    [low, shown, high] = [low, shown, high].map((x) => (compareDecimal(x, one) > 0 ? one : x)) as [
      Decimal,
      Decimal,
      Decimal,
    ];
  }
  if (compareDecimal(low, shown) > 0) low = shown;
  if (compareDecimal(high, shown) < 0) high = shown;
  return { value: shown, low, high, confidence: a.confidence + b.confidence - 1 };
}

function pairs(side: "exact" | "approx", a: PairSide, b: PairSide, options: RatioOptions) {
  const [A, B] = [a.reducer[side], b.reducer[side]] as Algebra<unknown, unknown>[];
  if (A === undefined || B === undefined) throw new RangeError("ratio: two reducers");
  const algebra: Algebra<PairItem, Pair> = {
    zero: { a: A.zero, b: B.zero },
    append: (s, [x, y]) => ({
      a: x === undefined ? s.a : A.append(s.a, x.item),
      b: y === undefined ? s.b : B.append(s.b, y.item),
    }),
    plus: (s, t) => ({ a: A.plus(s.a, t.a), b: B.plus(s.b, t.b) }),
    present: (s, context) => divided(A.present(s.a, context), B.present(s.b, context), options),
    encode: (s) => encodePair(A.encode(s.a), B.encode(s.b)),
    decode(bytes) {
      const reader = readState(bytes, FORMAT, "pair");
      const pair = { a: A.decode(reader.bytes()), b: B.decode(reader.bytes()) };
      reader.end();
      return pair;
    },
  };
  return algebra;
}

const encodePair = (a: Uint8Array, b: Uint8Array): Uint8Array =>
  new ByteWriter(8 + a.length + b.length).u8(FORMAT).bytes(a).bytes(b).done();

function itemsOf({ reducer, where }: PairSide, columns: EventColumns) {
  const mask = where && conditionMask(where, columns);
  const itemOf = reducer.items(columns);
  return (row: number) => (mask?.[row] === 0 ? undefined : { item: itemOf(row) });
}

const specOf = ({ reducer, where }: PairSide): Json => ({
  ...reducer.spec,
  selects: reducer.selects as unknown as Json,
  where: (where ?? null) as unknown as Json,
});

export function ratio(
  numerator: RatioSide,
  denominator: RatioSide,
  options: RatioOptions,
): Reducer<PairItem, Pair, Pair> {
  const { digits, share = false } = options;
  if (!Number.isInteger(digits) || digits < 0 || digits > 18)
    throw new RangeError("digits: 0 to 18");
  const [a, b] = [sideOf(numerator), sideOf(denominator)];
  for (const { reducer } of [a, b]) {
    const { beforeMs, afterMs } = reducer.reach;
    if (reducer.inside || beforeMs + afterMs > 0)
      throw new RangeError(
        `ratio: ${reducer.spec.kind} holds its dimensions inside or has a reach`,
      );
  }
  const additive = a.reducer.additive && b.reducer.additive;
  const grains = options.grains ?? (a.reducer.additive ? b.reducer.grains : a.reducer.grains);
  const codec = {
    encode: encodePair,
    read: (bytes: Uint8Array) => readState(bytes, FORMAT, "pair"),
  };
  return {
    spec: { kind: "ratio", digits, share, numerator: specOf(a), denominator: specOf(b) },
    selects: [a, b].flatMap(({ reducer, where }) => [
      ...reducer.selects,
      ...(where === undefined ? [] : [flag(where)]),
    ]),
    grains,
    additive,
    monotone: false,
    atMostEvents: false,
    reach: NO_REACH,
    exact: pairs("exact", a, b, options),
    approx: pairs("approx", a, b, options),
    toApprox: (s) => ({
      a: a.reducer.toApprox(s.a) as unknown,
      b: b.reducer.toApprox(s.b) as unknown,
    }),
    items(columns) {
      const [itemA, itemB] = [itemsOf(a, columns), itemsOf(b, columns)];
      return (row) => {
        const item = [itemA(row), itemB(row)] as const;
        const unreadable = item.some((side) => side !== undefined && side.item === undefined);
        return unreadable ? undefined : item;
      };
    },
    kernels: {
      exact: () => pairKernel(a, b, "exact", codec),
      approx: () => pairKernel(a, b, "approx", codec),
    },
  };
}
