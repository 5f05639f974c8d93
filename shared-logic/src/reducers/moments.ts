// A user's moments as a canonical set: ascending by time and marks, events of one millisecond and the same marks being
// one moment with the lowest dimensions of them. Of one minute's moments of the same marks only the first and
// last MOMENTS_KEPT count, so that a robot's state is bounded and no timestamp in whole seconds is left out; what
// is kept of a union is a function of what is kept of its parts.
import type { ByteReader } from "../codec/byte-reader.ts";
import type { ByteWriter } from "../codec/byte-writer.ts";
import { expectBytes } from "../codec/state-format.ts";
import { compareNullableUtf8 } from "../codec/text-order.ts";
import type { TextCode, TextTable } from "../codec/text-table.ts";
import { MINUTE_MS } from "../time/epoch-ms.ts";

export interface Moment {
  readonly timeMs: number;
  readonly marks: number;
  readonly dims: readonly (string | null)[];
}

export type Moments = readonly Moment[];

/** A change of it changes what is stored. */
export const MOMENTS_KEPT = 32;

const order = (a: Moment, b: Moment): number => a.timeMs - b.timeMs || a.marks - b.marks;

export function lowerDims(a: Moment, b: Moment): Moment {
  for (let i = 0; i < a.dims.length; i++) {
    const byDim = compareNullableUtf8(a.dims[i] ?? null, b.dims[i] ?? null);
    if (byDim !== 0) return byDim < 0 ? a : b;
  }
  return a;
}

export function unionMoments(a: Moments, b: Moments): Moments {
  if (a.length === 0) return b;
  if (b.length === 0) return a;
  const out: Moment[] = [];
  let [i, j] = [0, 0];
  for (;;) {
    const [x, y] = [a[i], b[j]];
    if (x !== undefined && y !== undefined && order(x, y) === 0) {
      out.push(lowerDims(x, y));
      i++;
      j++;
    } else if (x !== undefined && (y === undefined || order(x, y) < 0)) {
      out.push(x);
      i++;
    } else if (y !== undefined) {
      out.push(y);
      j++;
    } else return thinned(out);
  }
}

/** Most minutes have few moments, and nothing is copied. */
function thinned(moments: Moments): Moments {
  let gone: Set<Moment> | undefined;
  for (let from = 0; from < moments.length; ) {
    const minute = Math.floor((moments[from]?.timeMs ?? 0) / MINUTE_MS);
    let until = from + 1;
    while (Math.floor((moments[until]?.timeMs ?? Number.NaN) / MINUTE_MS) === minute) until++;
    if (until - from > 2 * MOMENTS_KEPT) {
      for (const alike of Map.groupBy(moments.slice(from, until), (m) => m.marks).values()) {
        gone ??= new Set();
        for (const m of alike.slice(MOMENTS_KEPT, -MOMENTS_KEPT)) gone.add(m);
      }
    }
    from = until;
  }
  return gone === undefined || gone.size === 0 ? moments : moments.filter((m) => !gone.has(m));
}

export function writeMoments(out: ByteWriter, moments: Moments, code: TextCode): void {
  out.varint(moments.length);
  let lastMs: number | undefined;
  for (const { timeMs, marks, dims } of moments) {
    if (lastMs === undefined) out.f64(timeMs);
    else out.varint(timeMs - lastMs);
    out.varint(marks);
    for (const dim of dims) out.varint(code(dim));
    lastMs = timeMs;
  }
}

export function readMoments(
  from: ByteReader,
  texts: TextTable,
  dims: number,
  marksBelow: number,
): Moments {
  const out: Moment[] = [];
  const count = from.varint();
  expectBytes(count > 0, "user without moments");
  for (let i = 0; i < count; i++) {
    const last = out.at(-1);
    const timeMs: number = last === undefined ? from.f64() : last.timeMs + from.varint();
    expectBytes(Number.isSafeInteger(timeMs) && !Object.is(timeMs, -0), "time");
    const marks = from.varint();
    expectBytes(marks < marksBelow, "marks");
    const own = Array.from({ length: dims }, () => texts.text(from.varint()));
    const moment = { timeMs, marks, dims: own };
    expectBytes(last === undefined || order(last, moment) < 0, "order of moments");
    out.push(moment);
  }
  expectBytes(thinned(out).length === count, "moments of a minute");
  return out;
}

/** Goes past what `readMoments` reads and marks its texts. */
export function skipMoments(from: ByteReader, texts: TextTable, dims: number): void {
  for (let left = from.varint(), first = true; left > 0; left--, first = false) {
    if (first) from.f64();
    else from.varint();
    from.varint();
    for (let i = 0; i < dims; i++) texts.text(from.varint());
  }
}
