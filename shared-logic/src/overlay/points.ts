// The overlay: for every window, batch states below V and speed states from V on, merged first and
// presented once. A function of a ReadView alone; after Summingbird's MergeOperations, without its silent
// hole where a batch is missing: a window that nobody covers is named, never given.
import { type Decimal, parseDecimal } from "../algebra/decimal.ts";
import { type Estimate, exactly } from "../algebra/estimate.ts";
import { getOrMake } from "../collections/get-or-make.ts";
import { OTHER_GROUP, TOTAL_GROUP } from "../metrics/group.ts";
import { GRAIN_MS, STORED_GRAINS, type StoredGrain, type Window } from "../time/calendar.ts";
import { dayOf, dayStart, type EpochMs, type UtcDay } from "../time/epoch-ms.ts";
import { addParts, type DayCells, dayCells, emptyParts, type Parts } from "./cell-parts.ts";
import { estimateParts, tighten, zeroEstimate } from "./estimate-parts.ts";
import type { ReadView } from "./view.ts";

/** Exact values of a window made of whole days, valid while its runs are the ledger's. */
export interface SpanValues {
  readonly run: string;
  readonly values: ReadonlyMap<string, string | null>;
}

export interface PointQuery {
  readonly windows: readonly Window[];
  /** Dimensions asked of a state that holds them inside. */
  readonly dims: readonly string[] | undefined;
  /** Groups to show; undefined: those seen. */
  readonly groups?: readonly string[];
  /** By window start: week and month rows, or exact states merged by the reader. */
  readonly spans: ReadonlyMap<EpochMs, SpanValues>;
}

export interface GroupPoint {
  readonly group: string;
  readonly estimate: Estimate;
  readonly exact: boolean;
  readonly layer: "batch" | "speed" | "both";
  readonly run: string | undefined;
}

export interface WindowPoints {
  readonly window: Window;
  /** Why nobody covers it; then there are no points. */
  readonly missing: string | undefined;
  readonly points: readonly GroupPoint[];
  readonly lag: boolean;
  /** Partitions of which a cell was read above the position. */
  readonly torn: boolean;
  readonly capped: boolean;
  /** Of the window's merged total over all shown groups. */
  readonly suspected: number;
  readonly unchecked: number;
  readonly skipped: number;
  /** Events of speed rows in days that have a run, by day. */
  readonly aboveRuns: ReadonlyMap<UtcDay, number>;
}

export function overlay(view: ReadView, query: PointQuery): WindowPoints[] {
  const days = new Map<UtcDay, DayCells>();
  const cellsOf = (day: UtcDay): DayCells => getOrMake(days, day, () => dayCells(view, day));
  return query.windows.map((window) => windowPoints(view, query, window, cellsOf));
}

interface Merged {
  readonly groups: Map<string, Parts>;
  readonly runs: (string | undefined)[];
  readonly days: readonly UtcDay[];
  missing: string | undefined;
  lag: boolean;
  capped: boolean;
  readonly aboveRuns: Map<UtcDay, number>;
}

function merge(view: ReadView, window: Window, cellsOf: (day: UtcDay) => DayCells): Merged {
  const { reach, grains } = view.metric.reducer;
  const cellMs = GRAIN_MS[grains[0] ?? "hour"];
  const [first, last] = [dayOf(window.from), dayOf((window.until - 1) as EpochMs)];
  const days: UtcDay[] = [];
  for (let d = first; d <= last; d++) days.push(d as UtcDay);
  const merged: Merged = {
    groups: new Map(),
    runs: days.map((d) => view.days.get(d)?.run),
    days,
    missing: undefined,
    lag: false,
    capped: false,
    aboveRuns: new Map(),
  };
  for (const day of days) {
    const from = day === first ? window.from - reach.beforeMs : dayStart(day);
    const until = day === last ? window.until + reach.afterMs : dayStart((day + 1) as UtcDay);
    const { cells, coverage, capped } = cellsOf(day);
    merged.capped ||= capped;
    for (let x = dayOf(from as EpochMs); x <= dayOf((until - 1) as EpochMs); x++) {
      for (const c of coverage.get(x as UtcDay) ?? []) {
        merged.missing ??= c.missing;
        merged.lag ||= c.lag;
      }
    }
    const start = Math.floor(from / cellMs) * cellMs;
    const take = (groups: ReadonlyMap<string, Parts> | undefined): void => {
      for (const [group, parts] of groups ?? []) {
        const into = getOrMake(merged.groups, group, () => emptyParts(view));
        addParts(view, into, parts);
        if (view.days.get(day) && parts.speedEvents > 0) {
          merged.aboveRuns.set(day, (merged.aboveRuns.get(day) ?? 0) + parts.speedEvents);
        }
      }
    };
    if ((until - start) / cellMs <= cells.size) {
      for (let at = start; at < until; at += cellMs) take(cells.get(at as EpochMs));
    } else {
      for (const [at, groups] of cells) if (at >= start && at < until) take(groups);
    }
  }
  return merged;
}

function windowPoints(
  view: ReadView,
  query: PointQuery,
  window: Window,
  cellsOf: (day: UtcDay) => DayCells,
): WindowPoints {
  const { reducer } = view.metric;
  const merged = merge(view, window, cellsOf);
  const all = [...merged.groups.values()];
  const sum = (of: (p: Parts) => number): number => all.reduce((n, p) => n + of(p), 0);
  const torn = all.some((p) => p.torn);
  const touched = all.some((p) => p.touched);
  const base = {
    window,
    missing: merged.missing,
    lag: merged.lag,
    torn,
    capped: merged.capped || merged.groups.has(OTHER_GROUP),
    suspected: sum((p) => p.suspectedEvents),
    unchecked: sum((p) => p.uncheckedEvents),
    skipped: sum((p) => p.skipped),
    aboveRuns: merged.aboveRuns,
  };
  if (merged.missing !== undefined) return { ...base, points: [] };

  const known = knownValues(view, query, window, merged);
  const whole = !merged.lag && !torn;
  const layer = (isTouched: boolean, hasRun: boolean) =>
    hasRun ? (isTouched ? "both" : "batch") : "speed";
  const hasRun = merged.runs.some((r) => r !== undefined);
  const inside = reducer.inside !== undefined;
  const points: GroupPoint[] = [];
  const run = known?.run ?? (merged.runs.length === 1 ? merged.runs[0] : undefined);

  const estimates = new Map<string, { estimate: Estimate; exact: boolean; touched: boolean }>();
  if (inside) {
    const parts = merged.groups.get(TOTAL_GROUP) ?? emptyParts(view);
    const shown = estimateParts(reducer, parts, window, TOTAL_GROUP, query.dims);
    const exact = whole && parts.events + parts.suspectedEvents + parts.uncheckedEvents === 0;
    for (const [g, estimate] of shown)
      estimates.set(g, { estimate, exact, touched: parts.touched });
    if (known && !parts.touched && whole) {
      for (const [g, value] of known.values)
        estimates.set(g, { estimate: exactly(value), exact: true, touched: false });
      for (const g of shown.keys()) if (!known.values.has(g)) estimates.delete(g);
    }
  } else {
    for (const [g, parts] of merged.groups) {
      let estimate =
        estimateParts(reducer, parts, window, g, undefined).get(g) ?? zeroEstimate(reducer, window);
      const doubtful = parts.suspectedEvents + parts.uncheckedEvents > 0;
      let exact = whole && !doubtful && (reducer.additive || parts.events === 0);
      if (!reducer.additive && known && !parts.touched && whole) {
        const value = known.values.get(g);
        if (value !== undefined) [estimate, exact] = [exactly(value), true];
      }
      if (!exact && !reducer.additive)
        estimate = tightened(view, merged, window, g, estimate, doubtful);
      estimates.set(g, { estimate, exact, touched: parts.touched });
    }
    addOther(view, merged, window, estimates);
  }
  for (const g of query.groups ?? (estimates.size === 0 ? [] : [...estimates.keys()])) {
    const e = estimates.get(g) ?? {
      estimate: zeroEstimate(reducer, window),
      exact: whole,
      touched: false,
    };
    points.push({
      group: g,
      estimate: e.estimate,
      exact: e.exact,
      layer: layer(inside ? touched : e.touched, hasRun),
      run,
    });
  }
  return { ...base, points };
}

/** A batch value facing a non-empty speed `(other)` may hold any of it. */
function addOther(
  view: ReadView,
  merged: Merged,
  window: Window,
  estimates: Map<string, { estimate: Estimate; exact: boolean; touched: boolean }>,
): void {
  const other = merged.groups.get(OTHER_GROUP);
  if (!other || other.speedEvents === 0) return;
  const { reducer } = view.metric;
  const high = estimateParts(reducer, other, window, OTHER_GROUP, undefined).get(OTHER_GROUP)?.high;
  if (!high) return;
  for (const [g, e] of estimates) {
    if (g === OTHER_GROUP || e.estimate.high === null) continue;
    const scale = Math.max(high.scale, e.estimate.high.scale);
    const units =
      high.units * 10n ** BigInt(scale - high.scale) +
      e.estimate.high.units * 10n ** BigInt(scale - e.estimate.high.scale);
    estimates.set(g, { ...e, exact: false, estimate: { ...e.estimate, high: { units, scale } } });
  }
}

interface Known {
  readonly run: string;
  readonly values: ReadonlyMap<string, Decimal | null>;
}

/** Exact values that batch stored for just this window, where it did. */
function knownValues(
  view: ReadView,
  query: PointQuery,
  window: Window,
  merged: Merged,
): Known | undefined {
  if (view.metric.reducer.additive) return undefined;
  const span = query.spans.get(window.from);
  if (span) return { run: span.run, values: decimals(span.values) };
  const grain = STORED_GRAINS.find((g) => isWindowOf(window, g));
  const run = merged.runs[0];
  if (
    !grain ||
    !view.metric.reducer.grains.includes(grain) ||
    run === undefined ||
    merged.runs.length !== 1
  ) {
    return undefined;
  }
  const values = new Map<string, string | null>();
  const rows = view.runs.get(run);
  for (const row of rows?.values ?? []) {
    if (row.grain === grain && row.startMs === window.from && row.value !== undefined)
      values.set(row.group, row.value);
  }
  return { run, values: decimals(values) };
}

const decimals = (values: ReadonlyMap<string, string | null>): Map<string, Decimal | null> =>
  new Map([...values].map(([g, v]) => [g, v === null ? null : (parseDecimal(v) ?? null)]));

const isWindowOf = (w: Window, grain: StoredGrain): boolean =>
  w.until - w.from === GRAIN_MS[grain] && w.from % GRAIN_MS[grain] === 0;

function tightened(
  view: ReadView,
  merged: Merged,
  window: Window,
  group: string,
  estimate: Estimate,
  doubtful: boolean,
): Estimate {
  const { reducer } = view.metric;
  if (!reducer.atMostEvents || !reducer.monotone || doubtful) return estimate;
  const parts: Decimal[] = [];
  let complete = true;
  for (const [i, day] of merged.days.entries()) {
    const run = merged.runs[i];
    const whole = dayStart(day) >= window.from && dayStart((day + 1) as UtcDay) <= window.until;
    const untouched = (merged.aboveRuns.get(day) ?? 0) === 0;
    if (run === undefined || !whole || !untouched) {
      complete = false;
      continue;
    }
    const row = view.runs
      .get(run)
      ?.values.find((r) => r.grain === "day" && r.group === group && r.startMs === dayStart(day));
    const value = row?.value == null ? undefined : parseDecimal(row.value);
    if (value) parts.push(value);
  }
  return tighten(estimate, parts, complete && merged.days.length > 0);
}
