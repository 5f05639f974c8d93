// A text column's chunk: a dictionary and indices, or packed texts where a dictionary would not be smaller.
import type { Interner } from "@tandem/shared-logic";
import { encodeSlices } from "./encode-slices.ts";
import { type CodeEntries, entriesOfCodes } from "./entries-of-codes.ts";
import { encodeLevels } from "./levels.ts";
import { PageBytes } from "./page-bytes.ts";
import { bitWidth, encodeRle } from "./rle.ts";
import type { WrittenChunk } from "./written-column.ts";

const MAX_WIDTH = 24;
/** What zstd leaves of short texts, in bytes of one; it leaves indices as they are. */
const TEXT_SHARE = 0.45;

export function encodeCodes(
  column: {
    readonly interner: Interner;
    readonly codes: Int32Array;
    readonly smallest?: boolean;
  },
  from: number,
  until: number,
): WrittenChunk {
  const all = entriesOfCodes(column, from, until);
  const { bytes, ends, count, rows } = all;
  const levels = new Uint8Array(rows.length);
  const indices = new Int32Array(rows.length);
  let [dense, plainBytes] = [0, 0];
  for (let row = 0; row < rows.length; row++) {
    const entry = rows[row]!;
    if (entry < 0) continue;
    levels[row] = 1;
    indices[dense++] = entry;
    plainBytes += 4 + ends[entry + 1]! - ends[entry]!;
  }
  const width = bitWidth(Math.max(0, count - 1));
  const indexBytes = (dense * width) / 8;
  const isPlain = column.smallest
    ? TEXT_SHARE * (bytes.length + 2 * count) + indexBytes >= TEXT_SHARE * (plainBytes - 4 * dense)
    : bytes.length + 4 * count + indexBytes >= plainBytes;
  if (width > MAX_WIDTH || isPlain) return packed(all);
  const dictionary = new PageBytes(bytes.length + 4 * count);
  for (let e = 0; e < count; e++) dictionary.byteArray(bytes, ends[e]!, ends[e + 1]!);
  const data = new PageBytes();
  encodeLevels(dense === rows.length ? undefined : levels, rows.length, data);
  data.u8(width);
  encodeRle(indices, 0, dense, width, data);
  return {
    pages: [
      { type: "DICTIONARY_PAGE", encoding: "PLAIN", values: count, bytes: dictionary.done() },
      { type: "DATA_PAGE", encoding: "RLE_DICTIONARY", values: rows.length, bytes: data.done() },
    ],
    nulls: rows.length - dense,
  };
}

function packed({ bytes, ends, rows }: CodeEntries): WrittenChunk {
  const starts = rows.map((entry) => (entry < 0 ? -1 : ends[entry]!));
  const until = rows.map((entry) => (entry < 0 ? -1 : ends[entry + 1]!));
  return encodeSlices({ optional: true, packed: true, bytes, starts, ends: until }, 0, rows.length);
}
