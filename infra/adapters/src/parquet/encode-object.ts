// Log records to the bytes of an archive object: scanned once, then written column by column. Every row
// is checked against the record it came from; one that would not come back byte for byte is kept whole.
import { isUtf8 } from "node:buffer";
import {
  ColumnScanner,
  type ColumnScannerOptions,
  FIELD_ABSENT,
  FIELD_NULL,
  FIELD_TEXT,
  Interner,
  NO_TEXT,
  RECORD_MAGIC,
  type RecordBatch,
  ROW_EVENT,
  USER_NONE,
} from "@tandem/shared-logic";
import { BARE, FORMAT, FORMAT_KEY, NULL_SESSION, RAW_EVENTS_KEY } from "./archive-schema.ts";
import { encodeBodies } from "./bodies/encode-bodies.ts";
import { HeaderCheck } from "./header-check.ts";
import { kindOfPrefix, type Texts } from "./record-header.ts";
import { sliceTexts } from "./slice-texts.ts";
import { writeParquet } from "./write-file.ts";
import type { WrittenColumn } from "./written-column.ts";

const FIELDS = ["tenant", "event_type", "event_id", "user", "session_id"] as const;

export async function encodeObject(
  partition: number,
  batches: readonly RecordBatch[],
  options: ColumnScannerOptions,
): Promise<Uint8Array> {
  const batch = joined(partition, batches);
  const { count, bytes, starts, ends } = batch;
  const scanned = new ColumnScanner(FIELDS, options).scan(batch);
  const texts = (field: (typeof FIELDS)[number]): Texts => {
    const column = scanned.field(field);
    return { interner: column.interner, codes: column.codes().slice(0, count) };
  };
  const [tenants, types] = [validUtf8(texts("tenant")), validUtf8(texts("event_type"))];
  const ids = sliceTexts(scanned.field("event_id"), count, bytes);
  const [users, sessions] = [texts("user"), texts("session_id")];
  const sessionKinds = scanned.field("session_id").kinds;
  const check = new HeaderCheck(batch, scanned, { tenants, types, ids, users });
  const flags = new Float64Array(scanned.flags.subarray(0, count));
  const isEvent = scanned.rowKinds.slice(0, count).map((kind) => (kind === ROW_EVENT ? 1 : 0));
  const body = { starts: new Int32Array(count).fill(-1), ends: new Int32Array(count).fill(-1) };
  const raw = { starts: new Int32Array(count).fill(-1), ends: new Int32Array(count).fill(-1) };
  let rawEvents = 0;
  for (let row = 0; row < count; row++) {
    const [start, end] = [starts[row]!, ends[row]!];
    const kind = sessionKinds[row]!;
    let bodyStart = -1;
    if (isEvent[row] && (kind === FIELD_TEXT || kind === FIELD_ABSENT || kind === FIELD_NULL)) {
      if (bytes[start] !== RECORD_MAGIC) {
        flags[row]! += BARE;
        bodyStart = start;
      } else bodyStart = check.bodyStart(row);
    }
    if (bodyStart >= 0) {
      [body.starts[row], body.ends[row]] = [bodyStart, end];
      if (kind === FIELD_NULL) flags[row]! += NULL_SESSION;
    } else {
      [raw.starts[row], raw.ends[row]] = [start, end];
      rawEvents += isEvent[row]!;
    }
  }
  const { sentMs, timeMs, receivedMs } = scanned;
  const own = { ids, types, users, sessions, tenants, sentMs };
  const shaped = encodeBodies({ bytes, ...body }, own);
  for (let row = 0; row < count; row++) {
    if (shaped.isShaped[row] === 1) [body.starts[row], body.ends[row]] = [-1, -1];
  }
  const time = (name: string, values: Float64Array, present: Uint8Array): WrittenColumn => {
    return { name, optional: true, kind: "numbers", type: "TIMESTAMP", values, present };
  };
  const number = (
    name: string,
    values: ArrayLike<number>,
    type: "INT32" | "INT64" = "INT32",
  ): WrittenColumn => {
    return { name, optional: false, kind: "numbers", type, values: new Float64Array(values) };
  };
  const text = (name: string, { interner, codes }: Texts): WrittenColumn => {
    return { name, optional: true, kind: "codes", interner, codes };
  };
  const { plain, kinds } = withoutPrefix(users);
  return writeParquet(
    count,
    [
      number("partition", new Float64Array(count).fill(partition)),
      number("offset", batch.offsets.subarray(0, count), "INT64"),
      number("kind", scanned.rowKinds.subarray(0, count)),
      number("flags", flags),
      time("time", timeMs, isEvent),
      time("sent", sentMs, unlike(timeMs, sentMs, isEvent)),
      time("received", receivedMs, unlike(timeMs, receivedMs, isEvent)),
      text("tenant", tenants),
      text("event_type", types),
      { name: "event_id", optional: true, kind: "slices", text: true, packed: true, ...ids },
      text("user", plain),
      number("user_kind", kinds),
      text("session_id", sessions),
      ...shaped.columns,
      { name: "body", optional: true, kind: "slices", text: true, bytes, ...body },
      { name: "raw", optional: true, kind: "slices", text: false, bytes, ...raw },
    ],
    { [FORMAT_KEY]: FORMAT, [RAW_EVENTS_KEY]: String(rawEvents) },
  );
}

/** 1 for each event whose moment is not its time. */
function unlike(timeMs: Float64Array, moments: Float64Array, isEvent: Uint8Array): Uint8Array {
  const present = isEvent.slice();
  for (let row = 0; row < present.length; row++) if (moments[row] === timeMs[row]) present[row] = 0;
  return present;
}

/** One batch over one buffer, so that everything is scanned with the same codes. */
function joined(partition: number, batches: readonly RecordBatch[]): RecordBatch {
  const [only] = batches;
  if (only && batches.length === 1) return only;
  const count = batches.reduce((sum, b) => sum + b.count, 0);
  const [starts, ends] = [new Int32Array(count), new Int32Array(count)];
  const offsets = new Float64Array(count);
  let [row, size] = [0, 0];
  for (const b of batches) {
    for (let i = 0; i < b.count; i++, row++) {
      starts[row] = size;
      size += b.ends[i]! - b.starts[i]!;
      ends[row] = size;
      offsets[row] = b.offsets[i]!;
    }
  }
  const bytes = Buffer.allocUnsafe(size);
  row = 0;
  for (const b of batches) {
    const source = Buffer.from(b.bytes.buffer, b.bytes.byteOffset, b.bytes.byteLength);
    for (let i = 0; i < b.count; i++) source.copy(bytes, starts[row++]!, b.starts[i]!, b.ends[i]!);
  }
  return { partition, to: batches.at(-1)?.to ?? 0, count, bytes, starts, ends, offsets };
}

/** A header may hold bytes that are no text; those rows have no text in the object. */
function validUtf8({ interner, codes }: Texts): Texts {
  const valid = Uint8Array.from({ length: interner.size }, (_, code) =>
    isUtf8(interner.utf8(code)) ? 1 : 0,
  );
  return {
    interner,
    codes: codes.map((code) => (code === NO_TEXT || valid[code] === 0 ? NO_TEXT : code)),
  };
}

/** Users by plain id and kind. */
function withoutPrefix({ interner, codes }: Texts): { plain: Texts; kinds: Float64Array } {
  const plain = new Interner();
  const { bytes, ends } = interner.hold();
  const codeOf = new Int32Array(interner.size);
  const kindOf = new Uint8Array(interner.size);
  for (let code = 0; code < interner.size; code++) {
    kindOf[code] = kindOfPrefix(bytes[ends[code]!]);
    codeOf[code] = plain.intern(bytes, ends[code]! + 1, ends[code + 1]!);
  }
  const kinds = new Float64Array(codes.length).fill(USER_NONE);
  const plainCodes = new Int32Array(codes.length).fill(NO_TEXT);
  for (let row = 0; row < codes.length; row++) {
    const code = codes[row]!;
    if (code === NO_TEXT) continue;
    kinds[row] = kindOf[code]!;
    plainCodes[row] = codeOf[code]!;
  }
  return { plain: { interner: plain, codes: plainCodes }, kinds };
}
