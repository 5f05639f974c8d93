// What the spans of one question gave when it was asked last, and all that they were made of. Questions are asked
// again and again, and of most hours nothing has changed since: such a span is what it was. It is told by the bytes
// and places of all its rows, so that no change can be missed.
import { sameBytes } from "../codec/same-bytes.ts";
import type { Metric } from "../metrics/metric.ts";
import type { Window } from "../time/calendar.ts";
import type { EpochMs } from "../time/epoch-ms.ts";
import type { Piece } from "./day-pieces.ts";
import { KeptIndex } from "./kept-index.ts";
import type { WindowPoints } from "./point-query.ts";
import type { WindowSpan } from "./window-spans.ts";

/** What a day's seam says of its windows. */
export interface SpanFacts {
  /** Why nobody covers them. */
  readonly missing: string | undefined;
  readonly lag: boolean;
  readonly run: string | undefined;
}

export interface KeptSpan {
  readonly facts: SpanFacts;
  readonly pieces: KeptPieces;
  /** Groups that have something in its windows. */
  readonly seen: readonly string[];
  /** Where its windows begin and end, one after the other: read in order, in place of thousands of objects. */
  readonly edges: Float64Array;
  readonly points: readonly WindowPoints[];
}

export function keptSpan(
  made: Pick<KeptSpan, "facts" | "seen"> & { readonly pieces: readonly Piece[] },
  points: readonly WindowPoints[],
): KeptSpan {
  const edges = new Float64Array(2 * points.length);
  for (let i = 0; i < points.length; i++) {
    const { from, until } = points[i]!.window;
    edges[2 * i] = from;
    edges[2 * i + 1] = until;
  }
  const { facts, seen } = made;
  return { facts, pieces: new KeptPieces(made.pieces), seen, edges, points };
}

/** What all spans of a question were made with. */
export interface KeptWith {
  readonly metric: Metric;
  readonly windows: readonly Window[];
  readonly layout: readonly WindowSpan[];
  readonly names: readonly string[];
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
  readonly speed = new KeptIndex();
  private metric: Metric | undefined;
  /** What the spans were found by. */
  private windows: readonly Window[] = [];
  private layout: readonly WindowSpan[] | undefined;
  private names: readonly string[] = [];
  private spans: ReadonlyMap<EpochMs, KeptSpan> = new Map();

  /** Roughly, with what hangs on them. */
  sizeBytes = 0;

  /** How the windows were put together, where they are the very list that they were. */
  layoutOf(metric: Metric, windows: readonly Window[]): readonly WindowSpan[] | undefined {
    return metric === this.metric && windows === this.windows ? this.layout : undefined;
  }

  /** The span as it was, where it was made of the same. */
  find(
    metric: Metric,
    { first, last, fromMs }: WindowSpan,
    windows: readonly Window[],
    facts: SpanFacts,
    pieces: readonly Piece[],
  ): KeptSpan | undefined {
    if (metric !== this.metric) return undefined;
    const kept = this.spans.get(fromMs);
    if (kept === undefined || kept.points.length !== last - first) return undefined;
    const { missing, lag, run } = kept.facts;
    if (missing !== facts.missing || lag !== facts.lag || run !== facts.run) return undefined;
    if (windows !== this.windows && !hasEdges(kept.edges, windows, first, last)) return undefined;
    return kept.pieces.equal(pieces) ? kept : undefined;
  }

  /** All points that are kept are of these groups, in this order. */
  hasNames(names: readonly string[]): boolean {
    return names.length === this.names.length && names.every((name, i) => name === this.names[i]);
  }

  /** In the place of all that is kept. */
  keep({ metric, windows, layout, names }: KeptWith, spans: ReadonlyMap<EpochMs, KeptSpan>): void {
    this.metric = metric;
    this.windows = windows;
    this.layout = layout;
    this.names = names;
    this.spans = spans;
    let bytes = 0;
    const buffers = new Set<ArrayBufferLike>();
    for (const { pieces, points } of spans.values()) {
      bytes += pieces.sizeBytes + points.length * (WINDOW_BYTES + names.length * POINT_BYTES);
      for (const buffer of pieces.buffers) buffers.add(buffer);
    }
    for (const { byteLength } of buffers) bytes += byteLength;
    this.sizeBytes = bytes;
  }

  forget(): void {
    this.spans = new Map();
    this.sizeBytes = 0;
  }
}

const WINDOW_BYTES = 200;
const POINT_BYTES = 400;
const PIECE_BYTES = 200;

/** Rows as they were. */
export class KeptPieces {
  private readonly pieces: readonly Piece[];
  /** What the rows' bytes lie in: of a row that is a view of something larger, all of that. */
  readonly buffers: ReadonlySet<ArrayBufferLike>;

  constructor(pieces: readonly Piece[]) {
    this.pieces = pieces;
    this.buffers = new Set(pieces.map(({ bytes }) => bytes.buffer));
  }

  /** Roughly, without `buffers`. */
  get sizeBytes(): number {
    return PIECE_BYTES * this.pieces.length;
  }

  /** The same rows in the same order. What `unnamed` says, the group does. */
  equal(pieces: readonly Piece[]): boolean {
    if (pieces.length !== this.pieces.length) return false;
    for (let i = 0; i < pieces.length; i++) {
      const was = this.pieces[i]!;
      const is = pieces[i]!;
      if (
        was.doubt !== is.doubt ||
        was.torn !== is.torn ||
        was.block !== is.block ||
        was.group !== is.group ||
        !(was.bytes === is.bytes || sameBytes(was.bytes, is.bytes))
      )
        return false;
    }
    return true;
  }
}
