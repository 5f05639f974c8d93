// The points of windows that are made of whole cells (cell-windows.ts): what `overlayByWindow` gives, state by
// state and number by number, for the questions that ask for many small windows. Span by span (window-spans.ts): one
// that is made of what it was made of before is not made again (kept-spans.ts).
import { blockMs } from "../fold/block.ts";
import { GRAIN_MS, type Window } from "../time/calendar.ts";
import type { EpochMs, UtcDay } from "../time/epoch-ms.ts";
import { byText } from "./by-text.ts";
import { type CellsOfSpan, hasCellWindows, spanReader } from "./cell-windows.ts";
import { changedWindows } from "./changed-windows.ts";
import type { DayPieces, Piece } from "./day-pieces.ts";
import { estimateGroup } from "./estimate-parts.ts";
import { type KeptSpan, type KeptSpans, keptSpan, type SpanFacts } from "./kept-spans.ts";
import { newParts, type Parts } from "./parts.ts";
import type { GroupPoint, PointQuery, WindowPoints } from "./point-query.ts";
import type { ReadView } from "./view.ts";
import { type WindowSpan, windowSpans } from "./window-spans.ts";

const NOTHING_ABOVE: ReadonlyMap<UtcDay, number> = new Map();
const NONE_TORN: ReadonlySet<number> = new Set();
const NO_POINTS: readonly GroupPoint[] = [];
const NO_PIECES: readonly Piece[] = [];

/** A span that is to be made anew, or a part of it. */
interface ReadSpan {
  /** Of which windows. */
  readonly part: WindowSpan;
  /** What the others are. */
  readonly was: KeptSpan | undefined;
  readonly facts: SpanFacts;
  readonly pieces: readonly Piece[];
  readonly cells: CellsOfSpan;
  readonly seen: readonly string[];
}

/** By span. Undefined where the windows or the metric are others, and where `(other)` has anything. */
export function cellPoints(
  view: ReadView,
  query: PointQuery,
  piecesOf: (day: UtcDay) => DayPieces,
  kept?: KeptSpans,
): readonly (readonly WindowPoints[])[] | undefined {
  const { reducer } = view.metric;
  if (query.dims || !hasCellWindows(reducer)) return undefined;
  const grain = reducer.grains[0] ?? "hour";
  const spans =
    kept?.layoutOf(view.metric, query.windows) ??
    windowSpans(query.windows, GRAIN_MS[grain], blockMs(grain));
  if (!spans) return undefined;
  const found = readSpans(view, query, spans, piecesOf, kept);
  if (!found) return undefined;
  const names = query.groups ?? seenGroups(found, query.shows ?? (() => true));
  if (kept && !kept.hasNames(names) && found.some(isOfBefore)) {
    kept.forget();
    return cellPoints(view, query, piecesOf, kept);
  }
  const made = found.map((is, i): KeptSpan => {
    if ("points" in is) return is;
    const { fromMs, first } = spans[i]!;
    const made = pointsOfPart(view, query.windows, is, names);
    if (is.was === undefined) return keptSpan(fromMs, is, made);
    const points = [...is.was.points];
    for (let n = 0; n < made.length; n++) points[is.part.first - first + n] = made[n]!;
    return keptSpan(fromMs, is, points);
  });
  kept?.keep({ metric: view.metric, windows: query.windows, layout: spans, names }, made);
  return made.map(({ points }) => points);
}

const isOfBefore = (span: KeptSpan | ReadSpan): boolean =>
  "points" in span || span.was !== undefined;

function readSpans(
  view: ReadView,
  { windows, shows = () => true, union }: PointQuery,
  spans: readonly WindowSpan[],
  piecesOf: (day: UtcDay) => DayPieces,
  kept: KeptSpans | undefined,
): (KeptSpan | ReadSpan)[] | undefined {
  const { metric } = view;
  const grain = metric.reducer.grains[0] ?? "hour";
  const wholeMs = blockMs(grain);
  const read = spanReader(metric.reducer, shows, union);
  const find = kept?.finder(metric, windows);
  const found: (KeptSpan | ReadSpan)[] = [];
  let of: UtcDay | undefined;
  let day: DayPieces | undefined;
  let facts: SpanFacts | undefined;
  for (const span of spans) {
    if (day === undefined || facts === undefined || span.day !== of) {
      of = span.day;
      day = piecesOf(of);
      facts = dayFacts(view, of, day);
    }
    if (day.capped) return undefined;
    const pieces = piecesIn(day, span, wholeMs);
    const was = find?.(span, facts, pieces);
    if (was?.pieces.list === pieces) {
      found.push(was);
      continue;
    }
    const changed =
      was && changedWindows(span, was.edges, was.pieces.list, pieces, GRAIN_MS[grain]);
    const part = { ...span, ...changed };
    const cells = read(windows, part, pieces);
    if (!cells) return undefined;
    const seen = new Set(changed && was?.seen);
    for (const [group, slots] of cells.groups)
      if (slots.some((parts) => parts !== undefined)) seen.add(group);
    found.push({ part, was: changed && was, facts, pieces, cells, seen: [...seen] });
  }
  return found;
}

function dayFacts(view: ReadView, day: UtcDay, { coverage }: DayPieces): SpanFacts {
  const covers = coverage.get(day) ?? [];
  return {
    missing: covers.find((c) => c.missing !== undefined)?.missing,
    lag: covers.some((c) => c.lag),
    run: view.days.get(day)?.run,
  };
}

function piecesIn(
  { blocks }: DayPieces,
  { fromMs, untilMs }: WindowSpan,
  wholeMs: number,
): readonly Piece[] {
  if (fromMs + wholeMs === untilMs) return blocks.get(fromMs) ?? NO_PIECES;
  const pieces: Piece[] = [];
  for (let at: number = fromMs; at < untilMs; at += wholeMs)
    for (const piece of blocks.get(at as EpochMs) ?? NO_PIECES) pieces.push(piece);
  return pieces;
}

function pointsOfPart(
  view: ReadView,
  windows: readonly Window[],
  { part: { day, first, last }, cells, facts }: ReadSpan,
  names: readonly string[],
): WindowPoints[] {
  const { missing, lag, run } = facts;
  const slots = names.map((group) => cells.groups.get(group));
  const nothing = newParts(view.metric.reducer);
  const points: WindowPoints[] = [];
  for (let i = 0; i < last - first; i++) {
    const window = windows[first + i]!;
    const torn = cells.torn[i] ?? NONE_TORN;
    const above = run === undefined ? 0 : cells.speedEvents[i]!;
    const whole = !lag && torn.size === 0;
    const pointAt = (group: string, n: number): GroupPoint =>
      pointOf(view, window, group, slots[n]?.[i] ?? nothing, { whole, run });
    points.push({
      window,
      missing,
      points: missing === undefined ? names.map(pointAt) : NO_POINTS,
      lag,
      torn,
      capped: false,
      suspected: cells.suspected[i]!,
      unchecked: cells.unchecked[i]!,
      skipped: cells.skipped[i]!,
      aboveRuns: above === 0 ? NOTHING_ABOVE : new Map([[day, above]]),
    });
  }
  return points;
}

function pointOf(
  view: ReadView,
  window: Window,
  group: string,
  parts: Parts,
  { whole, run }: { readonly whole: boolean; readonly run: string | undefined },
): GroupPoint {
  const doubtful = parts.suspectedEvents + parts.uncheckedEvents > 0;
  return {
    group,
    estimate: estimateGroup(view.metric.reducer, parts, window),
    exact: whole && !doubtful,
    layer: run === undefined ? "speed" : parts.touched ? "both" : "batch",
    run,
  };
}

/** Those that have something in a window that is covered. */
function seenGroups(
  spans: readonly (KeptSpan | ReadSpan)[],
  shows: (group: string) => boolean,
): string[] {
  const seen = new Set<string>();
  for (const { facts, seen: own } of spans)
    if (facts.missing === undefined) for (const group of own) if (shows(group)) seen.add(group);
  return [...seen].sort(byText);
}
