// The overlay: for every window, batch states below V and speed states from V on, merged first and
// presented once. A function of a ReadView alone; after Summingbird's MergeOperations, without its silent
// hole where a batch is missing: a window that nobody covers is named, never given.
import type { Estimate } from "../algebra/estimate.ts";
import { getOrMake } from "../collections/get-or-make.ts";
import { OTHER_GROUP } from "../metrics/group.ts";
import type { Window } from "../time/calendar.ts";
import type { EpochMs, UtcDay } from "../time/epoch-ms.ts";
import { type DayPieces, dayPieces, indexSpeed } from "./day-pieces.ts";
import { indexValues, knownValues, type SpanValues } from "./known-values.ts";
import { type Merged, mergeWindow } from "./merge-window.ts";
import type { ReadView } from "./view.ts";
import { type WindowEstimates, windowEstimates } from "./window-estimates.ts";

export interface PointQuery {
  readonly windows: readonly Window[];
  /** Dimensions asked of a state that holds them inside. */
  readonly dims: readonly string[] | undefined;
  /** Groups to show; undefined: those seen in any window. */
  readonly groups?: readonly string[];
  /** Which groups may be shown and counted; undefined: all. */
  readonly shows?: (group: string) => boolean;
  /** Groups whose states are merged before they are presented. */
  readonly union?: GroupUnion;
  /** By window start: week and month rows, or exact states merged by the reader. */
  readonly spans: ReadonlyMap<EpochMs, SpanValues>;
}

/**
 * From a stored group to the one it is shown in; undefined: in none. `(other)` stays itself, or goes where all of
 * them go. States of every window are to be there: what runs store of single groups answers no union.
 */
export type GroupUnion = (group: string) => string | undefined;

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
  /** Every shown group has one in every window that is covered. */
  readonly points: readonly GroupPoint[];
  readonly lag: boolean;
  /** Partitions of which a row was read above the position. */
  readonly torn: ReadonlySet<number>;
  readonly capped: boolean;
  /** Events of the window, over all shown groups. */
  readonly suspected: number;
  readonly unchecked: number;
  readonly skipped: number;
  /** Events of speed rows in days that have a run, by day. */
  readonly aboveRuns: ReadonlyMap<UtcDay, number>;
}

export function overlay(view: ReadView, query: PointQuery): WindowPoints[] {
  const speed = indexSpeed(view.speed);
  const index = indexValues(view);
  const days = new Map<UtcDay, DayPieces>();
  const piecesOf = (day: UtcDay): DayPieces =>
    getOrMake(days, day, () => dayPieces(view, speed, day));
  const shows = query.shows ?? (() => true);

  const seen = new Set<string>();
  const windows = query.windows.map((window) => {
    const merged = mergeWindow(
      view,
      window,
      piecesOf,
      query.dims ? () => true : shows,
      query.union,
    );
    if (merged.missing !== undefined) return { window, merged, estimates: undefined };
    const known = knownValues(view, index, query.spans, window, merged);
    const estimates = windowEstimates(view, window, merged, known, index, query.dims, query.union);
    for (const group of estimates.seen) if (shows(group)) seen.add(group);
    const unread = merged.days.some((d) => d.run && view.runs.get(d.run)?.finest === undefined);
    if (unread) for (const [g, n] of known?.skipped ?? []) if (shows(g)) merged.skipped += n;
    return { window, merged, estimates };
  });
  const groups = query.groups ?? [...seen].sort(byText);
  return windows.map(({ window, merged, estimates }) => ({
    window,
    missing: merged.missing,
    points: estimates ? groups.map((g) => pointOf(merged, estimates, g)) : [],
    lag: merged.lag,
    torn: merged.torn,
    capped: merged.capped || estimates?.capped === true,
    suspected: merged.suspected,
    unchecked: merged.unchecked,
    skipped: merged.skipped,
    aboveRuns: aboveRuns(merged),
  }));
}

const NOTHING_ABOVE: ReadonlyMap<UtcDay, number> = new Map();

function aboveRuns({ days }: Merged): ReadonlyMap<UtcDay, number> {
  let above: Map<UtcDay, number> | undefined;
  for (const { day, run, speedEvents } of days) {
    if (run === undefined || speedEvents === 0) continue;
    above ??= new Map();
    above.set(day, speedEvents);
  }
  return above ?? NOTHING_ABOVE;
}

function pointOf(merged: Merged, estimates: WindowEstimates, group: string): GroupPoint {
  const { estimate, exact, touched, run } = estimates.at(group);
  const hasRun = merged.days.some((d) => d.run !== undefined);
  const layer = hasRun ? (touched ? "both" : "batch") : "speed";
  return { group, estimate, exact, layer, run: layer === "speed" ? undefined : run };
}

/** By text, `(other)` last. */
function byText(a: string, b: string): number {
  if (a === OTHER_GROUP || b === OTHER_GROUP)
    return Number(a === OTHER_GROUP) - Number(b === OTHER_GROUP);
  return a < b ? -1 : 1;
}
