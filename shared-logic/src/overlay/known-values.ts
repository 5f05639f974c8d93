// Exact values that batch stored, or that were merged from its exact states, for just one window. They
// answer only where no row of window or reach lies at or above V.
import { type Decimal, parseDecimal } from "../algebra/decimal.ts";
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
}

export interface Known {
  readonly run: string | undefined;
  readonly values: ReadonlyMap<string, Decimal | null>;
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

/** By window start: the values of all groups; a group without one had no event. */
export type ValueIndex = ReadonlyMap<string, ReadonlyMap<string, Decimal | null>>;

const keyOf = (run: string, grain: string, from: EpochMs): string => `${run}|${grain}|${from}`;

export function indexValues(view: ReadView): ValueIndex {
  const index = new Map<string, Map<string, Decimal | null>>();
  for (const [run, rows] of view.runs) {
    for (const row of rows.values) {
      if (row.value === undefined) continue;
      const key = keyOf(run, row.grain, row.startMs);
      const values = getOrMake(index, key, () => new Map<string, Decimal | null>());
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
    return { run: span.run, values: decimals };
  }
  const grain = storedGrainOf(view.metric, window);
  const run = view.days.get(dayOf(window.from))?.run;
  if (grain === undefined || run === undefined || merged.days.length !== 1) return undefined;
  return { run, values: index.get(keyOf(run, grain, window.from)) ?? new Map() };
}

/**
 * Exact day values of one group inside a window, and whether they make up all of it: what a union is
 * tightened by.
 */
export function dayValues(
  index: ValueIndex,
  window: Window,
  merged: Merged,
  group: string,
): { readonly parts: readonly Decimal[]; readonly complete: boolean } {
  const parts: Decimal[] = [];
  let complete = merged.days.length > 0;
  for (const { day, run, touched, pieces } of merged.days) {
    const whole = dayStart(day) >= window.from && dayStart((day + 1) as UtcDay) <= window.until;
    if (run === undefined || !whole || touched || (pieces.capped && !pieces.kept.has(group))) {
      complete = false;
      continue;
    }
    const value = index.get(keyOf(run, "day", dayStart(day)))?.get(group);
    if (value) parts.push(value);
  }
  return { parts, complete };
}
