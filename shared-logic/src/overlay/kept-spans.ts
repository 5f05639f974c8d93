// What the spans of one question gave when it was asked last, and all that they were made of. Questions are asked
// again and again, and of most hours nothing has changed since: such a span is what it was. It is told by the bytes
// and places of all its rows, so that no change can be missed.
import type { Metric } from "../metrics/metric.ts";
import type { Doubt } from "../ports/view-store.ts";
import type { Window } from "../time/calendar.ts";
import type { EpochMs } from "../time/epoch-ms.ts";
import type { Piece } from "./day-pieces.ts";
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
  readonly points: readonly WindowPoints[];
}

/** Of one question: metric, grouping set, and which groups are shown and how they are merged are always the same. */
export class KeptSpans {
  private metric: Metric | undefined;
  private names: readonly string[] = [];
  private spans: ReadonlyMap<EpochMs, KeptSpan> = new Map();

  /** Roughly, with what hangs on them. */
  sizeBytes = 0;

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
    for (let i = 0; i < kept.points.length; i++) {
      const was = kept.points[i]!.window;
      const is = windows[first + i]!;
      if (was.from !== is.from || was.until !== is.until) return undefined;
    }
    return kept.pieces.equal(pieces) ? kept : undefined;
  }

  /** All points that are kept are of these groups, in this order. */
  hasNames(names: readonly string[]): boolean {
    return names.length === this.names.length && names.every((name, i) => name === this.names[i]);
  }

  /** In the place of all that is kept. */
  keep(metric: Metric, names: readonly string[], spans: ReadonlyMap<EpochMs, KeptSpan>): void {
    this.metric = metric;
    this.names = names;
    this.spans = spans;
    let bytes = 0;
    for (const { pieces, points } of spans.values())
      bytes += pieces.sizeBytes + points.length * (WINDOW_BYTES + names.length * POINT_BYTES);
    this.sizeBytes = bytes;
  }

  forget(): void {
    this.spans = new Map();
    this.sizeBytes = 0;
  }
}

const WINDOW_BYTES = 200;
const POINT_BYTES = 400;

/** `unnamed` is said by the group. */
interface PieceFacts {
  readonly group: string;
  readonly block: EpochMs;
  readonly doubt: Doubt | undefined;
  readonly torn: number | undefined;
  readonly length: number;
}

/** Rows as they were: their bytes are copied side by side, as a row may be a view of something much larger. */
export class KeptPieces {
  private readonly facts: readonly PieceFacts[];
  private readonly bytes: Uint8Array;

  constructor(pieces: readonly Piece[]) {
    this.facts = pieces.map(({ group, block, doubt, torn, bytes }) => {
      return { group, block, doubt, torn, length: bytes.length };
    });
    this.bytes = new Uint8Array(pieces.reduce((sum, { bytes }) => sum + bytes.length, 0));
    let at = 0;
    for (const { bytes } of pieces) {
      this.bytes.set(bytes, at);
      at += bytes.length;
    }
  }

  get sizeBytes(): number {
    return this.bytes.length + 100 * this.facts.length;
  }

  /** The same rows in the same order. */
  equal(pieces: readonly Piece[]): boolean {
    const { facts } = this;
    if (pieces.length !== facts.length) return false;
    let at = 0;
    for (let i = 0; i < facts.length; i++) {
      const was = facts[i]!;
      const is = pieces[i]!;
      if (
        was.length !== is.bytes.length ||
        was.doubt !== is.doubt ||
        was.torn !== is.torn ||
        was.block !== is.block ||
        was.group !== is.group ||
        !this.holds(at, is.bytes)
      )
        return false;
      at += was.length;
    }
    return true;
  }

  private holds(at: number, bytes: Uint8Array): boolean {
    const kept = this.bytes;
    for (let i = 0; i < bytes.length; i++) if (kept[at + i] !== bytes[i]) return false;
    return true;
  }
}
