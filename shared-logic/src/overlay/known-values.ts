// Exact values that batch stored, or that were merged from its exact states, for just one window. They
// answer only where no row of window or reach lies at or above V.
import { compareDecimal, type Decimal, decimalOf, parseDecimal } from "../algebra/decimal.ts";
import { getOrMake } from "../collections/get-or-make.ts";
import type { Metric } from "../metrics/metric.ts";
import { GRAIN_MS, STORED_GRAINS, type StoredGrain, type Window } from "../time/calendar.ts";
import { dayOf, dayStart, type EpochMs, type UtcDay } from "../time/epoch-ms.ts";
import type { Merged } from "./merge-window.ts";
import type { ReadView } from "./view.ts";

/** Exact values of a window made of whole days, valid while its runs are the ledger's. */
export interface SpanValues {
  readonly run: string | undefined;
  readonly values: ReadonlyMap<string, string | null>;
  /** Events whose value could not be read, by group where there are any. */
  readonly skipped: ReadonlyMap<string, number>;
}

export interface Known {
  readonly run: string | undefined;
  readonly values: ReadonlyMap<string, Decimal | null>;
  readonly skipped: ReadonlyMap<string, number>;
}

/** The grain at which runs of the metric store a value for just this window, if any. */
export function storedGrainOf(metric: Metric, window: Window): StoredGrain | undefined {
  if (metric.reducer.additive) return undefined;
  return STORED_GRAINS.find(
    (g) =>
      metric.reducer.grains.includes(g) &&
      window.until - window.from === GRAIN_MS[g] &&
      window.from % GRAIN_MS[g] === 0,
  );
}

/** By run, grain and start: the values of all groups; a group without one had no event. */
export type ValueIndex = ReadonlyMap<string, Omit<Known, "run">>;

const NOTHING: Omit<Known, "run"> = { values: new Map(), skipped: new Map() };

const keyOf = (run: string, grain: string, from: EpochMs): string => `${run}|${grain}|${from}`;

export function indexValues(view: ReadView): ValueIndex {
  const index = new Map<
    string,
    { values: Map<string, Decimal | null>; skipped: Map<string, number> }
  >();
  for (const [run, rows] of view.runs) {
    for (const row of rows.values) {
      if (row.value === undefined) continue;
      const key = keyOf(run, row.grain, row.startMs);
      const { values, skipped } = getOrMake(index, key, () => ({
        values: new Map<string, Decimal | null>(),
        skipped: new Map<string, number>(),
      }));
      if (row.skipped > 0) skipped.set(row.group, row.skipped);
      values.set(row.group, row.value === null ? null : (parseDecimal(row.value) ?? null));
    }
  }
  return index;
}

export function knownValues(
  view: ReadView,
  index: ValueIndex,
  spans: ReadonlyMap<EpochMs, SpanValues>,
  window: Window,
  merged: Merged,
): Known | undefined {
  if (view.metric.reducer.additive) return undefined;
  const span = spans.get(window.from);
  if (span) {
    const decimals = new Map<string, Decimal | null>();
    for (const [g, v] of span.values)
      decimals.set(g, v === null ? null : (parseDecimal(v) ?? null));
    return { run: span.run, values: decimals, skipped: span.skipped };
  }
  const grain = storedGrainOf(view.metric, window);
  const run = view.days.get(dayOf(window.from))?.run;
  if (grain === undefined || run === undefined || merged.days.length !== 1) return undefined;
  return { run, ...(index.get(keyOf(run, grain, window.from)) ?? NOTHING) };
}

/** Of groups that were ranked by them; one without a value ranks as 0. */
export const leastOf = (values: ReadonlyMap<string, Decimal | null>): Decimal | undefined => {
  let least: Decimal | undefined;
  for (const value of values.values()) {
    const own = value ?? decimalOf(0);
    if (least === undefined || compareDecimal(own, least) < 0) least = own;
  }
  return least;
};

/** What the run stored of a day. */
export const valuesOfDay = (
  index: ValueIndex,
  run: string | undefined,
  day: UtcDay,
): ReadonlyMap<string, Decimal | null> | undefined =>
  run === undefined ? undefined : index.get(keyOf(run, "day", dayStart(day)))?.values;

/**
 * Exact day values of one group inside a window, and whether they make up all of it: what a union is
 * tightened by.
 */
export function dayValues(
  index: ValueIndex,
  window: Window,
  merged: Merged,
  group: string,
  union?: (group: string) => string | undefined,
): { readonly parts: readonly Decimal[]; readonly complete: boolean } {
  const parts: Decimal[] = [];
  let complete = merged.days.length > 0;
  for (const { day, run, touched, pieces } of merged.days) {
    const whole = dayStart(day) >= window.from && dayStart((day + 1) as UtcDay) <= window.until;
    if (run === undefined || !whole || touched || (pieces.capped && !pieces.kept.has(group))) {
      complete = false;
      continue;
    }
    const values = valuesOfDay(index, run, day);
    if (!union) {
      const value = values?.get(group);
      if (value) parts.push(value);
    } else
      for (const [g, value] of values ?? []) if (value && union(g) === group) parts.push(value);
  }
  return { parts, complete };
}
