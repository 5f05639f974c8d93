// The overlay: for every window, batch states below V and speed states from V on, merged first and
// presented once. A function of a ReadView alone; after Summingbird's MergeOperations, without its silent
// hole where a batch is missing: a window that nobody covers is named, never given.
import { getOrMake } from "../collections/get-or-make.ts";
import type { Window } from "../time/calendar.ts";
import { dayOf, dayStart, type EpochMs, type UtcDay } from "../time/epoch-ms.ts";
import { byText } from "./by-text.ts";
import { cellPoints } from "./cell-points.ts";
import type { DaysOfRange } from "./day-floor.ts";
import { type DayPieces, dayPieces } from "./day-pieces.ts";
import type { KeptSpans } from "./kept-spans.ts";
import { indexValues, knownValues } from "./known-values.ts";
import { type Merged, mergeWindow } from "./merge-window.ts";
import type { GroupPoint, PointQuery, WindowPoints } from "./point-query.ts";
import { indexSpeed } from "./speed-index.ts";
import type { ReadView } from "./view.ts";
import { type WindowEstimates, windowEstimates } from "./window-estimates.ts";

/** Of each window, in order. */
export const overlay = (view: ReadView, query: PointQuery): WindowPoints[] =>
  overlaySpans(view, query).flat();

/**
 * The same in lists, one after the other. `kept`: what the question gave before, which is written over by what it gives
 * now; a list of which nothing has changed is the same list.
 */
export function overlaySpans(
  view: ReadView,
  query: PointQuery,
  kept?: KeptSpans,
): readonly (readonly WindowPoints[])[] {
  const piecesOf = kept?.piecesOf(view) ?? piecesByDay(view);
  return cellPoints(view, query, piecesOf, kept) ?? [overlayByWindow(view, query, piecesOf)];
}

export function piecesByDay(view: ReadView): (day: UtcDay) => DayPieces {
  const speed = indexSpeed(view.speed);
  const days = new Map<UtcDay, DayPieces>();
  return (day) => getOrMake(days, day, () => dayPieces(view, speed, day));
}

/** Of any windows and metrics. */
export function overlayByWindow(
  view: ReadView,
  query: PointQuery,
  piecesOf: (day: UtcDay) => DayPieces,
): WindowPoints[] {
  const index = indexValues(view);
  const shows = query.shows ?? (() => true);

  const seen = new Set<string>();
  const estimated = (window: Window, days: DaysOfRange["days"], spans = query.spans) => {
    const counts = query.dims ? () => true : shows;
    const merged = mergeWindow(view, window, piecesOf, counts, query.union);
    if (merged.missing !== undefined) return { merged, known: undefined, estimates: undefined };
    const known = knownValues(view, index, spans, window, merged);
    const shown = (day: Window) => estimated(day, () => [], NO_SPANS).estimates;
    const range = { days, shown };
    const estimates = windowEstimates(view, window, merged, known, index, query, range);
    return { merged, known, estimates };
  };
  const windows = query.windows.map((window) => {
    const { merged, known, estimates } = estimated(window, () => (query.days ?? daysOf)(window));
    if (!estimates) return { window, merged, estimates };
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

/** Of UTC. */
function daysOf({ from, until }: Window): Window[] {
  const days: Window[] = [];
  for (let at = from; at < until; ) {
    const end = Math.min(dayStart((dayOf(at) + 1) as UtcDay), until) as EpochMs;
    days.push({ from: at, until: end });
    at = end;
  }
  return days;
}

const NO_SPANS: PointQuery["spans"] = new Map();
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
