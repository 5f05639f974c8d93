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
import {
  type KeptSpan,
  type KeptSpans,
  keptSpan,
  type SpanFacts,
  type SpansOfDay,
} from "./kept-spans.ts";
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
  readonly span: WindowSpan;
  /** Of which windows. */
  readonly part: WindowSpan;
  /** What the others are. */
  readonly was: KeptSpan | undefined;
  readonly facts: SpanFacts;
  readonly pieces: readonly Piece[];
  readonly cells: CellsOfSpan;
  readonly seen: readonly string[];
}

interface FoundSpans {
  /** Undefined: the next of `read`. */
  readonly spans: readonly (KeptSpan | undefined)[];
  readonly read: readonly ReadSpan[];
  readonly days: ReadonlyMap<UtcDay, SpansOfDay>;
}

/** By span. Undefined where the windows or the metric are others, and where `(other)` has anything. */
export function cellPoints(
  view: ReadView,
  query: PointQuery,
  piecesOf: (day: UtcDay) => DayPieces,
  kept?: KeptSpans,
): readonly (readonly WindowPoints[])[] | undefined {
  const { metric } = view;
  const { windows } = query;
  if (query.dims || !hasCellWindows(metric.reducer)) return undefined;
  const grain = metric.reducer.grains[0] ?? "hour";
  const layout =
    kept?.layoutOf(metric, windows) ?? windowSpans(windows, GRAIN_MS[grain], blockMs(grain));
  if (!layout) return undefined;
  const found = readSpans(view, query, layout, piecesOf, kept);
  if (!found) return undefined;
  const names = query.groups ?? seenGroups(found, query.shows ?? (() => true));
  if (kept && !kept.hasNames(names) && isOfBefore(found)) {
    kept.forget();
    return cellPoints(view, query, piecesOf, kept);
  }
  let next = 0;
  const made = found.spans.map((is) => is ?? spanOf(view, windows, found.read[next++]!, names));
  if (!kept) return made.map(({ points }) => points);
  return kept.keep({ metric, windows, layout, names, days: found.days }, made);
}

const isOfBefore = ({ spans, read }: FoundSpans): boolean =>
  spans.some((span) => span !== undefined) || read.some(({ was }) => was !== undefined);

function spanOf(
  view: ReadView,
  windows: readonly Window[],
  read: ReadSpan,
  names: readonly string[],
): KeptSpan {
  const { span, part, was } = read;
  const made = pointsOfPart(view, windows, read, names);
  if (was === undefined) return keptSpan(span.fromMs, read, made);
  const points = [...was.points];
  for (let n = 0; n < made.length; n++) points[part.first - span.first + n] = made[n]!;
  return keptSpan(span.fromMs, read, points, was.edges);
}

function readSpans(
  view: ReadView,
  query: PointQuery,
  layout: readonly WindowSpan[],
  piecesOf: (day: UtcDay) => DayPieces,
  kept: KeptSpans | undefined,
): FoundSpans | undefined {
  const { metric } = view;
  const wholeMs = blockMs(metric.reducer.grains[0] ?? "hour");
  const readOne = oneReader(view, query, kept);
  const spans: (KeptSpan | undefined)[] = [];
  const read: ReadSpan[] = [];
  const days = new Map<UtcDay, SpansOfDay>();
  while (spans.length < layout.length) {
    const from = spans.length;
    const { day } = layout[from]!;
    const own = piecesOf(day);
    if (own.capped) return undefined;
    const { blocks } = own;
    const facts = dayFacts(view, day, own);
    for (const span of kept?.ofDay(metric, query.windows, day, facts, blocks) ?? [])
      spans.push(span);
    for (let i = spans.length; layout[i]?.day === day; i++) {
      const is = readOne(layout[i]!, facts, piecesIn(own, layout[i]!, wholeMs));
      if (is === undefined) return undefined;
      if ("points" in is) spans.push(is);
      else {
        spans.push(undefined);
        read.push(is);
      }
    }
    days.set(day, { facts, blocks, from, until: spans.length });
  }
  return { spans, read, days };
}

/** Each span as it was, or what is to be made anew of it. Undefined where `(other)` has anything. */
function oneReader(
  { metric }: ReadView,
  { windows, shows = () => true, union }: PointQuery,
  kept: KeptSpans | undefined,
): (
  span: WindowSpan,
  facts: SpanFacts,
  pieces: readonly Piece[],
) => KeptSpan | ReadSpan | undefined {
  const cellMs = GRAIN_MS[metric.reducer.grains[0] ?? "hour"];
  const read = spanReader(metric.reducer, shows, union);
  const find = kept?.finder(metric, windows);
  return (span, facts, pieces) => {
    const was = find?.(span, facts, pieces);
    if (was?.pieces.list === pieces) return was;
    const changed = was && changedWindows(span, was.edges, was.pieces.list, pieces, cellMs);
    const part = { ...span, ...changed };
    const cells = read(windows, part, pieces);
    if (!cells) return undefined;
    const seen = new Set(changed && was?.seen);
    for (const [group, slots] of cells.groups)
      if (slots.some((parts) => parts !== undefined)) seen.add(group);
    return { span, part, was: changed && was, facts, pieces, cells, seen: [...seen] };
  };
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
function seenGroups({ spans, read }: FoundSpans, shows: (group: string) => boolean): string[] {
  const seen = new Set<string>();
  const add = ({ facts, seen: own }: Pick<KeptSpan, "facts" | "seen">): void => {
    if (facts.missing === undefined) for (const group of own) if (shows(group)) seen.add(group);
  };
  for (const span of spans) if (span !== undefined) add(span);
  for (const span of read) add(span);
  return [...seen].sort(byText);
}
