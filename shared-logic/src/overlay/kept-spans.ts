// What the spans of one question gave when it was asked last, and all that they were made of. Questions are asked
// again and again, and of most hours nothing has changed since: such a span is what it was. It is told by the bytes
// and places of all its rows, so that no change can be missed.
import { sameBytes } from "../codec/same-bytes.ts";
import type { Metric } from "../metrics/metric.ts";
import type { Window } from "../time/calendar.ts";
import type { EpochMs, UtcDay } from "../time/epoch-ms.ts";
import { isSamePlace } from "./changed-windows.ts";
import type { DayPieces, Piece } from "./day-pieces.ts";
import { KeptDays } from "./kept-days.ts";
import { KeptIndex } from "./kept-index.ts";
import type { WindowPoints } from "./point-query.ts";
import type { ReadView } from "./view.ts";
import type { WindowSpan } from "./window-spans.ts";

/** What a day's seam says of its windows. */
export interface SpanFacts {
  /** Why nobody covers them. */
  readonly missing: string | undefined;
  readonly lag: boolean;
  readonly run: string | undefined;
}

export interface KeptSpan {
  /** Of its first block. */
  readonly fromMs: EpochMs;
  readonly facts: SpanFacts;
  readonly pieces: KeptPieces;
  /** Groups that have something in its windows. */
  readonly seen: readonly string[];
  /** Where its windows begin and end, one after the other: read in order, in place of thousands of objects. */
  readonly edges: Float64Array;
  readonly points: readonly WindowPoints[];
}

/** `edges`: of the same windows, where they are known. */
export function keptSpan(
  fromMs: EpochMs,
  { facts, seen, pieces }: Pick<KeptSpan, "facts" | "seen"> & { readonly pieces: readonly Piece[] },
  points: readonly WindowPoints[],
  edges = edgesOf(points),
): KeptSpan {
  return { fromMs, facts, pieces: new KeptPieces(pieces), seen, edges, points };
}

function edgesOf(points: readonly WindowPoints[]): Float64Array {
  const edges = new Float64Array(2 * points.length);
  for (let i = 0; i < points.length; i++) {
    const { from, until } = points[i]!.window;
    edges[2 * i] = from;
    edges[2 * i + 1] = until;
  }
  return edges;
}

/** The spans [from, until) of a layout, and what they were made of. */
export interface SpansOfDay {
  readonly facts: SpanFacts;
  readonly blocks: DayPieces["blocks"];
  readonly from: number;
  readonly until: number;
}

/** What all spans of a question were made with. */
export interface KeptWith {
  readonly metric: Metric;
  readonly windows: readonly Window[];
  readonly layout: readonly WindowSpan[];
  readonly names: readonly string[];
  readonly days: ReadonlyMap<UtcDay, SpansOfDay>;
}

function hasEdges(
  edges: Float64Array,
  windows: readonly Window[],
  first: number,
  last: number,
): boolean {
  for (let i = first, at = 0; i < last; i++, at += 2) {
    const is = windows[i]!;
    if (edges[at] !== is.from || edges[at + 1] !== is.until) return false;
  }
  return true;
}

/** Of one question: metric, grouping set, and which groups are shown and how they are merged are always the same. */
export class KeptSpans {
  private readonly speed = new KeptIndex();
  private readonly days = new KeptDays();
  private metric: Metric | undefined;
  /** What the spans were found by. */
  private windows: readonly Window[] = [];
  private layout: readonly WindowSpan[] | undefined;
  private names: readonly string[] = [];
  /** In order. */
  private spans: readonly KeptSpan[] = [];
  /** The points of each. */
  private points: readonly (readonly WindowPoints[])[] = [];
  private ofDays: KeptWith["days"] = new Map();
  private readonly buffers = new HeldBuffers();
  private ownBytes = 0;

  /** Roughly, with what hangs on them. */
  get sizeBytes(): number {
    return this.ownBytes + this.buffers.sizeBytes;
  }

  /** As `piecesByDay`. */
  piecesOf(view: ReadView): (day: UtcDay) => DayPieces {
    return this.days.piecesOf(view, this.speed.of(view.speed));
  }

  /** How the windows were put together, where they are the very list that they were. */
  layoutOf(metric: Metric, windows: readonly Window[]): readonly WindowSpan[] | undefined {
    return metric === this.metric && windows === this.windows ? this.layout : undefined;
  }

  /** Those of a day as they were, where seam, windows and blocks are the same: no span of it is looked at. */
  ofDay(
    metric: Metric,
    windows: readonly Window[],
    day: UtcDay,
    facts: SpanFacts,
    blocks: DayPieces["blocks"],
  ): readonly KeptSpan[] | undefined {
    if (metric !== this.metric || windows !== this.windows) return undefined;
    const was = this.ofDays.get(day);
    if (was?.blocks !== blocks || !isSameSeam(was.facts, facts)) return undefined;
    return this.spans.slice(was.from, was.until);
  }

  /**
   * Gives each span of a layout, asked for in their order, as it was, where seam and windows are the same. It was made
   * of the same where its `pieces.list` is what was asked for.
   */
  finder(metric: Metric, windows: readonly Window[]): FindSpan {
    const { spans } = this;
    if (metric !== this.metric) return () => undefined;
    const sameWindows = windows === this.windows;
    let at = 0;
    return ({ first, last, fromMs }, facts, pieces) => {
      while (at < spans.length && spans[at]!.fromMs < fromMs) at++;
      const kept = spans[at];
      if (kept?.fromMs !== fromMs || kept.points.length !== last - first) return undefined;
      if (!isSameSeam(kept.facts, facts)) return undefined;
      if (!sameWindows && !hasEdges(kept.edges, windows, first, last)) return undefined;
      if (kept.pieces.list === pieces) return kept;
      return kept.pieces.equal(pieces) ? { ...kept, pieces: new KeptPieces(pieces) } : kept;
    };
  }

  /** All points that are kept are of these groups, in this order. */
  hasNames(names: readonly string[]): boolean {
    return names.length === this.names.length && names.every((name, i) => name === this.names[i]);
  }

  /** In the place of all that is kept; the points of each span. */
  keep(
    { metric, windows, layout, names, days }: KeptWith,
    spans: readonly KeptSpan[],
  ): readonly (readonly WindowPoints[])[] {
    if (this.names.length !== names.length) this.forget();
    const before = this.spans;
    const points = [...this.points];
    points.length = spans.length;
    this.metric = metric;
    this.windows = windows;
    this.layout = layout;
    this.names = names;
    this.ofDays = days;
    this.spans = spans;
    this.points = points;
    for (let i = 0; i < before.length || i < spans.length; i++) {
      const [was, is] = [before[i], spans[i]];
      if (was === is) continue;
      if (is) points[i] = is.points;
      if (was) this.ownBytes -= this.sizeOf(was);
      if (is) this.ownBytes += this.sizeOf(is);
      if (is) this.buffers.hold(is.pieces.buffers);
      if (was) this.buffers.release(was.pieces.buffers);
    }
    return points;
  }

  forget(): void {
    this.spans = [];
    this.points = [];
    this.ofDays = new Map();
    this.ownBytes = 0;
    this.buffers.clear();
  }

  /** Without the rows' bytes. */
  private sizeOf({ pieces, points }: KeptSpan): number {
    return pieces.sizeBytes + points.length * (WINDOW_BYTES + this.names.length * POINT_BYTES);
  }
}

type FindSpan = (
  span: WindowSpan,
  facts: SpanFacts,
  pieces: readonly Piece[],
) => KeptSpan | undefined;

const isSameSeam = (a: SpanFacts, b: SpanFacts): boolean =>
  a.missing === b.missing && a.lag === b.lag && a.run === b.run;

const WINDOW_BYTES = 200;
const POINT_BYTES = 400;
const PIECE_BYTES = 200;

/** Rows as they were. */
export class KeptPieces {
  readonly list: readonly Piece[];
  /** What the rows' bytes lie in: of a row that is a view of something larger, all of that. */
  readonly buffers: ReadonlySet<ArrayBufferLike>;

  constructor(list: readonly Piece[]) {
    this.list = list;
    this.buffers = new Set(list.map(({ bytes }) => bytes.buffer));
  }

  /** Roughly, without `buffers`. */
  get sizeBytes(): number {
    return PIECE_BYTES * this.list.length;
  }

  /** The same rows in the same order. */
  equal(pieces: readonly Piece[]): boolean {
    if (pieces.length !== this.list.length) return false;
    for (let i = 0; i < pieces.length; i++) {
      const was = this.list[i]!;
      const is = pieces[i]!;
      if (!isSamePlace(was, is)) return false;
      if (was.bytes !== is.bytes && !sameBytes(was.bytes, is.bytes)) return false;
    }
    return true;
  }
}

/** What lies in memory because of rows that are kept: each once, however many rows lie in it. */
class HeldBuffers {
  sizeBytes = 0;
  private readonly holders = new Map<ArrayBufferLike, number>();

  hold(buffers: Iterable<ArrayBufferLike>): void {
    for (const buffer of buffers) {
      const holders = this.holders.get(buffer) ?? 0;
      if (holders === 0) this.sizeBytes += buffer.byteLength;
      this.holders.set(buffer, holders + 1);
    }
  }

  release(buffers: Iterable<ArrayBufferLike>): void {
    for (const buffer of buffers) {
      const left = (this.holders.get(buffer) ?? 0) - 1;
      if (left > 0) this.holders.set(buffer, left);
      else if (this.holders.delete(buffer)) this.sizeBytes -= buffer.byteLength;
    }
  }

  clear(): void {
    this.holders.clear();
    this.sizeBytes = 0;
  }
}
