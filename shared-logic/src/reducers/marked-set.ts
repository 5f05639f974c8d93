// A user's events as a canonical set: ascending by an order that begins with time and marks, those that are equal in it
// being one. Of one minute's events of the same marks only the first and the last `keeps` count, so that a robot's
// state is bounded; what is kept of a union is a function of what is kept of its parts.
import type { ByteReader } from "../codec/byte-reader.ts";
import type { ByteWriter } from "../codec/byte-writer.ts";
import { expectBytes } from "../codec/state-format.ts";
import { compareNullableUtf8 } from "../codec/text-order.ts";
import type { TextCode, TextTable } from "../codec/text-table.ts";
import { MINUTE_MS } from "../time/epoch-ms.ts";

export interface MarkedEvent {
  readonly timeMs: number;
  readonly marks: number;
  readonly dims: readonly (string | null)[];
}

export type MarkedEvents = readonly MarkedEvent[];

/** A change of it changes what is stored. */
export interface MarkedSetOptions {
  readonly keeps: number;
  readonly order: (a: MarkedEvent, b: MarkedEvent) => number;
  /** Of two that are equal in the order. */
  readonly one: (a: MarkedEvent, b: MarkedEvent) => MarkedEvent;
}

export interface MarkedSet {
  union(a: MarkedEvents, b: MarkedEvents): MarkedEvents;
  write(out: ByteWriter, events: MarkedEvents, code: TextCode): void;
  read(from: ByteReader, texts: TextTable, dims: number, marksBelow: number): MarkedEvents;
}

/** By their dimensions alone. */
export function compareDims(a: MarkedEvent, b: MarkedEvent): number {
  for (let i = 0; i < a.dims.length; i++) {
    const byDim = compareNullableUtf8(a.dims[i] ?? null, b.dims[i] ?? null);
    if (byDim !== 0) return byDim;
  }
  return 0;
}

export const compareMarks = (a: MarkedEvent, b: MarkedEvent): number =>
  a.timeMs - b.timeMs || a.marks - b.marks;

export function markedSet({ keeps, order, one }: MarkedSetOptions): MarkedSet {
  function union(a: MarkedEvents, b: MarkedEvents): MarkedEvents {
    if (a.length === 0) return b;
    if (b.length === 0) return a;
    const out: MarkedEvent[] = [];
    let [i, j] = [0, 0];
    for (;;) {
      const [x, y] = [a[i], b[j]];
      const by = x === undefined ? 1 : y === undefined ? -1 : order(x, y);
      const next = by === 0 && x && y ? one(x, y) : by < 0 ? x : y;
      if (next === undefined) return thinned(out, keeps);
      out.push(next);
      if (by <= 0) i++;
      if (by >= 0) j++;
    }
  }

  function read(
    from: ByteReader,
    texts: TextTable,
    dims: number,
    marksBelow: number,
  ): MarkedEvents {
    const out: MarkedEvent[] = [];
    const count = from.varint();
    expectBytes(count > 0, "user without events");
    for (let i = 0; i < count; i++) {
      const last = out.at(-1);
      const timeMs: number = last === undefined ? from.f64() : last.timeMs + from.varint();
      expectBytes(Number.isSafeInteger(timeMs) && !Object.is(timeMs, -0), "time");
      const marks = from.varint();
      expectBytes(marks < marksBelow, "marks");
      const own = Array.from({ length: dims }, () => texts.text(from.varint()));
      const event = { timeMs, marks, dims: own };
      expectBytes(last === undefined || order(last, event) < 0, "order of events");
      out.push(event);
    }
    expectBytes(thinned(out, keeps).length === count, "events of a minute");
    return out;
  }

  return { union, write, read };
}

/** Most minutes have few events, and nothing is copied. */
function thinned(events: MarkedEvents, keeps: number): MarkedEvents {
  let gone: Set<MarkedEvent> | undefined;
  for (let from = 0; from < events.length; ) {
    const minute = Math.floor((events[from]?.timeMs ?? 0) / MINUTE_MS);
    let until = from + 1;
    while (until < events.length && Math.floor((events[until]?.timeMs ?? 0) / MINUTE_MS) === minute)
      until++;
    if (until - from > 2 * keeps) {
      for (const alike of Map.groupBy(events.slice(from, until), (e) => e.marks).values()) {
        gone ??= new Set();
        for (const e of alike.slice(keeps, -keeps)) gone.add(e);
      }
    }
    from = until;
  }
  return gone === undefined || gone.size === 0 ? events : events.filter((e) => !gone.has(e));
}

function write(out: ByteWriter, events: MarkedEvents, code: TextCode): void {
  out.varint(events.length);
  let lastMs: number | undefined;
  for (const { timeMs, marks, dims } of events) {
    if (lastMs === undefined) out.f64(timeMs);
    else out.varint(timeMs - lastMs);
    out.varint(marks);
    for (const dim of dims) out.varint(code(dim));
    lastMs = timeMs;
  }
}
