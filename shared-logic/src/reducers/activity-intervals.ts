// A user's activity as a canonical set of intervals: ascending, more than gapMs apart, each with the
// dimensions of its first event. Union closes gaps of gapMs or less; it is idempotent, associative and
// commutative, so overlap and repetition are harmless. The first event is the one with the lowest
// time, ties by the event id's bytes (then by the dimensions', so that the order is total).
import type { ByteReader } from "../codec/byte-reader.ts";
import type { ByteWriter } from "../codec/byte-writer.ts";
import { compareNullableUtf8, compareUtf8 } from "../codec/text-order.ts";
import type { TextCode, TextTable } from "../codec/text-table.ts";
import { TandemError } from "../errors.ts";

export interface ActivityInterval {
  /** Time of the first event. */
  readonly startMs: number;
  /** Time of the last event. */
  readonly endMs: number;
  readonly eventId: string;
  readonly dims: readonly (string | null)[];
}

export type Activity = readonly ActivityInterval[];

function compareFirst(a: ActivityInterval, b: ActivityInterval): number {
  if (a.startMs !== b.startMs) return a.startMs - b.startMs;
  const byId = compareUtf8(a.eventId, b.eventId);
  if (byId !== 0) return byId;
  for (let i = 0; i < a.dims.length; i++) {
    const byDim = compareNullableUtf8(a.dims[i] ?? null, b.dims[i] ?? null);
    if (byDim !== 0) return byDim;
  }
  return 0;
}

export function unionActivity(a: Activity, b: Activity, gapMs: number): Activity {
  if (a.length === 0) return b;
  if (b.length === 0) return a;
  const out: ActivityInterval[] = [];
  let [i, j] = [0, 0];
  for (;;) {
    const [x, y] = [a[i], b[j]];
    let next: ActivityInterval;
    if (x !== undefined && (y === undefined || compareFirst(x, y) <= 0)) {
      next = x;
      i++;
    } else if (y !== undefined) {
      next = y;
      j++;
    } else return out;
    const last = out.at(-1);
    if (last === undefined || next.startMs - last.endMs > gapMs) out.push(next);
    else if (next.endMs > last.endMs) out[out.length - 1] = { ...last, endMs: next.endMs };
  }
}

/** Moves an interval's end in place where that is all an event at `timeMs` does. */
export function extendActivity(activity: Activity, timeMs: number, gapMs: number): boolean {
  let i = activity.length - 1;
  while (i >= 0 && (activity[i]?.startMs ?? 0) > timeMs) i--;
  const at = activity[i];
  if (at === undefined || at.startMs === timeMs || timeMs - at.endMs > gapMs) return false;
  if (timeMs <= at.endMs) return true;
  const next = activity[i + 1];
  if (next !== undefined && next.startMs - timeMs <= gapMs) return false;
  (at as { endMs: number }).endMs = timeMs;
  return true;
}

export function writeActivity(
  out: ByteWriter,
  activity: Activity,
  gapMs: number,
  code: TextCode,
): void {
  out.varint(activity.length);
  let lastMs: number | undefined;
  for (const { startMs, endMs, eventId, dims } of activity) {
    if (lastMs === undefined) out.f64(startMs);
    else out.varint(startMs - lastMs - gapMs - 1);
    out.varint(endMs - startMs).text(eventId);
    for (const dim of dims) out.varint(code(dim));
    lastMs = endMs;
  }
}

export function readActivity(
  from: ByteReader,
  gapMs: number,
  texts: TextTable,
  dims: number,
): Activity {
  const out: ActivityInterval[] = [];
  let lastMs: number | undefined;
  const count = from.varint();
  for (let i = 0; i < count; i++) {
    const startMs: number = lastMs === undefined ? from.f64() : lastMs + gapMs + 1 + from.varint();
    const endMs = startMs + from.varint();
    if (!Number.isSafeInteger(startMs) || Object.is(startMs, -0) || !Number.isSafeInteger(endMs)) {
      throw new TandemError("corrupt_bytes", { details: { what: "time", startMs, endMs } });
    }
    const eventId = from.text();
    const values: (string | null)[] = [];
    for (let d = 0; d < dims; d++) values.push(texts.text(from.varint()));
    out.push({ startMs, endMs, eventId, dims: values });
    lastMs = endMs;
  }
  if (count === 0)
    throw new TandemError("corrupt_bytes", { details: { what: "user without activity" } });
  return out;
}

/** Goes past what `readActivity` reads. */
export function skipActivity(from: ByteReader, texts: TextTable, dims: number): void {
  const count = from.varint();
  for (let i = 0; i < count; i++) {
    if (i === 0) from.skip(8);
    else from.varint();
    from.varint();
    from.skip(from.varint());
    for (let d = 0; d < dims; d++) texts.text(from.varint());
  }
}
