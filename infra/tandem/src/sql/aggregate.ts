// Reducers that are aggregates of rows, as SQL: counts, sums, extremes, means, distinct texts, quantiles, and one
// divided by another. Values are whole numbers of units until they are shown, so that nothing is a float.
import { type Condition, type Json, MINUTE_MS, type Selector } from "@tandem/shared-logic";
import type { Fields } from "./fields.ts";
import { numberOf, type Spec, specOf, textOf } from "./spec.ts";
import { tenTo } from "./text.ts";

export interface Aggregate {
  /** Aggregates by the names that `units` speaks of. */
  readonly columns: readonly { readonly name: string; readonly sql: string }[];
  /** The value in units of 10^-scale, over the columns; null where there is none. */
  readonly units: string;
  readonly scale: number;
  /** Which rows take part; absent: all. */
  readonly readable?: string;
}

export interface AggregateQuestion {
  readonly spec: Spec;
  readonly selects: readonly Selector[];
  readonly fields: Fields;
  /** Names columns. */
  readonly prefix: string;
  /** Aggregates these rows alone. */
  readonly only?: string;
}

type Make = (q: AggregateQuestion) => Aggregate | undefined;

const AGGREGATES: Readonly<Record<string, Make>> = {
  count: (q) => one(q, "count(*)", 0),
  sum: (q) =>
    ofUnits(
      q,
      (units) => `sum(${units})`,
      (sum) => `coalesce(${sum}, 0)`,
    ),
  min: (q) => ofUnits(q, (units) => `min(${units})`),
  max: (q) => ofUnits(q, (units) => `max(${units})`),
  quantile: (q) => ofUnits(q, (units) => `quantile_disc(${units}, ${numberOf(q.spec, "q")})`),
  mean,
  distinct: (q) => one(q, `count(DISTINCT ${textColumn(q)})`, 0),
  topK: (q) => ({ ...one(q, "count(*)", 0), readable: `${textColumn(q)} IS NOT NULL` }),
  ratio,
  eventsPerMinute,
};

export const AGGREGATE_KINDS: readonly string[] = Object.keys(AGGREGATES);

/** Undefined where the reducer is no aggregate that is known here. */
export const aggregateOf = (q: AggregateQuestion): Aggregate | undefined =>
  AGGREGATES[textOf(q.spec, "kind")]?.(q);

const filtered = (sql: string, only: string | undefined): string =>
  only === undefined ? sql : `${sql} FILTER (WHERE ${only})`;

function one({ prefix: name, only }: AggregateQuestion, sql: string, scale: number): Aggregate {
  return { columns: [{ name, sql: filtered(sql, only) }], units: name, scale };
}

function firstOf({ selects }: AggregateQuestion): Selector {
  const [first] = selects;
  if (!first) throw new RangeError("a reducer that selects nothing");
  return first;
}

function textColumn(q: AggregateQuestion): string {
  const first = firstOf(q);
  if (first.select !== "text") throw new RangeError("texts are counted, not numbers");
  return q.fields.text(first.path);
}

function ofUnits(
  q: AggregateQuestion,
  aggregate: (units: string) => string,
  shown = (column: string): string => column,
): Aggregate {
  const { units, scale } = q.fields.unitsOf(firstOf(q));
  const made = one(q, aggregate(units), scale);
  return { ...made, units: shown(made.units), readable: `${units} IS NOT NULL` };
}

function mean(q: AggregateQuestion): Aggregate {
  const { units, scale } = q.fields.unitsOf(firstOf(q));
  const digits = numberOf(q.spec, "digits");
  const [sum, n] = [`${q.prefix}_sum`, `${q.prefix}_n`];
  return {
    columns: [
      { name: sum, sql: filtered(`sum(${units})`, q.only) },
      { name: n, sql: filtered(`count(${units})`, q.only) },
    ],
    units: `CASE WHEN ${n} > 0 THEN half_even(${sum} * ${tenTo(digits)}, ${n} * ${tenTo(scale)}) END`,
    scale: digits,
    readable: `${units} IS NOT NULL`,
  };
}

/** Scores are more than an aggregate (minute-scores.ts). */
function eventsPerMinute(q: AggregateQuestion): Aggregate | undefined {
  if (textOf(q.spec, "value") !== "rate") return undefined;
  const digits = numberOf(q.spec, "digits");
  const lengthMs = "(epoch_ms(window_end) - epoch_ms(window_start))";
  return {
    ...one(q, "count(*)", digits),
    units: `half_even(${q.prefix} * ${MINUTE_MS} * ${tenTo(digits)}, ${lengthMs})`,
  };
}

function ratio(q: AggregateQuestion): Aggregate {
  const digits = numberOf(q.spec, "digits");
  const [a, b] = [sideOf(q, "numerator", "a"), sideOf(q, "denominator", "b")];
  const readable = [a.readable, b.readable].filter((r) => r !== undefined).join(" AND ");
  return {
    columns: [...a.columns, ...b.columns],
    units: `CASE WHEN ${b.units} > 0 THEN half_even((${a.units}) * ${tenTo(b.scale + digits)}, (${b.units}) * ${tenTo(a.scale)}) END`,
    scale: digits,
    ...(readable === "" ? {} : { readable }),
  };
}

/** A row that the side takes part in and cannot read is skipped for both. */
function sideOf(q: AggregateQuestion, name: string, prefix: string): Aggregate {
  const spec = specOf(q.spec, name);
  const where = spec["where"] as unknown as Condition | null;
  const only = where === null ? undefined : q.fields.condition(where);
  const selects = spec["selects"] as unknown as readonly Selector[];
  const side = aggregateOf({ ...q, spec, selects, prefix, ...(only ? { only } : {}) });
  if (!side) throw new RangeError(`no SQL for ${String(spec["kind"] as Json)} in a ratio`);
  const { readable, ...rest } = side;
  if (readable === undefined) return rest;
  return { ...rest, readable: only === undefined ? readable : `(NOT ${only} OR ${readable})` };
}
