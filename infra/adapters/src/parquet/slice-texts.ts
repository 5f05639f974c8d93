// The texts of a field of scanned records where they stand, without giving each a code: for a field of
// which every row has another one.
import {
  FIELD_FALSE,
  FIELD_TEXT,
  type FieldColumn,
  NO_TEXT,
  SliceColumn,
  Unescaper,
} from "@tandem/shared-logic";
import { ByteBuffer } from "./bodies/byte-buffer.ts";

export interface SliceTexts {
  readonly bytes: Uint8Array;
  /** -1 where a row has none. */
  readonly starts: Int32Array;
  readonly ends: Int32Array;
}

/** `bytes`: those that were scanned. */
export function sliceTexts(column: FieldColumn, count: number, bytes: Uint8Array): SliceTexts {
  if (!(column instanceof SliceColumn) || column.prefixes !== undefined || count === 0)
    return textsOfCodes(column, count);
  // Scans bodies that are not scanned yet.
  column.text(0);
  const { slices, escaped } = column;
  const starts = column.starts.slice(0, count);
  const ends = column.ends.slice(0, count);
  const made = new ByteBuffer(0);
  const unescaper = new Unescaper();
  for (let row = 0; row < count; row++) {
    const kind = slices[row]!;
    if (kind < FIELD_TEXT || kind > FIELD_FALSE) starts[row] = -1;
    else if (kind === FIELD_TEXT && escaped[row] === 1) {
      unescaper.run(bytes, starts[row]!, ends[row]!);
      starts[row] = bytes.length + made.sizeBytes;
      made.append(unescaper.bytes, 0, unescaper.length);
      ends[row] = bytes.length + made.sizeBytes;
    }
  }
  if (made.sizeBytes === 0) return { bytes, starts, ends };
  const all = Buffer.concat([bytes, made.bytes.subarray(0, made.sizeBytes)]);
  return { bytes: all, starts, ends };
}

function textsOfCodes(column: FieldColumn, count: number): SliceTexts {
  const codes = column.codes().slice(0, count);
  const store = column.interner.hold();
  return {
    bytes: store.bytes,
    starts: codes.map((code) => (code === NO_TEXT ? -1 : store.ends[code]!)),
    ends: codes.map((code) => (code === NO_TEXT ? -1 : store.ends[code + 1]!)),
  };
}
