// A text column's chunk: a dictionary in order of first appearance, so that equal rows give equal bytes
// whatever the interner saw before; PLAIN where a dictionary would not be smaller.
import { type Interner, NO_TEXT } from "@tandem/shared-logic";
import { encodeSlices } from "./encode-slices.ts";
import { encodeLevels } from "./levels.ts";
import { PageBytes } from "./page-bytes.ts";
import { bitWidth, encodeRle } from "./rle.ts";
import type { WrittenChunk } from "./written-column.ts";

export function encodeCodes(
  column: { readonly interner: Interner; readonly codes: Int32Array },
  from: number,
  until: number,
): WrittenChunk {
  const { interner, codes } = column;
  const indexOf = new Int32Array(interner.size).fill(-1);
  const indices = new Int32Array(until - from);
  const entries: number[] = [];
  const [starts, ends] = [new Int32Array(interner.size), new Int32Array(interner.size)];
  let [dense, dictionaryBytes, plainBytes] = [0, 0, 0];
  for (let row = from; row < until; row++) {
    const code = codes[row]!;
    if (code === NO_TEXT) continue;
    let index = indexOf[code]!;
    if (index < 0) {
      index = entries.length;
      indexOf[code] = index;
      entries.push(code);
      starts[code] = dictionaryBytes;
      dictionaryBytes += interner.utf8(code).length;
      ends[code] = dictionaryBytes;
    }
    plainBytes += 4 + ends[code]! - starts[code]!;
    indices[dense++] = index;
  }
  const width = bitWidth(Math.max(0, entries.length - 1));
  const bytes = new Uint8Array(dictionaryBytes);
  for (const code of entries) bytes.set(interner.utf8(code), starts[code]!);
  if (width > 24 || dictionaryBytes + 4 * entries.length + (dense * width) / 8 >= plainBytes) {
    const at = (from_: Int32Array): Int32Array =>
      codes.subarray(from, until).map((code) => (code === NO_TEXT ? -1 : from_[code]!));
    return encodeSlices(
      { optional: true, bytes, starts: at(starts), ends: at(ends) },
      0,
      until - from,
    );
  }
  const dictionary = new PageBytes(dictionaryBytes + 4 * entries.length);
  const source = Buffer.from(bytes.buffer);
  for (const code of entries) dictionary.byteArray(source, starts[code]!, ends[code]!);
  const data = new PageBytes();
  encodeLevels((row) => codes[row] !== NO_TEXT, from, until, data);
  data.u8(width);
  encodeRle(indices, 0, dense, width, data);
  return {
    pages: [
      {
        type: "DICTIONARY_PAGE",
        encoding: "PLAIN",
        values: entries.length,
        bytes: dictionary.done(),
      },
      { type: "DATA_PAGE", encoding: "RLE_DICTIONARY", values: until - from, bytes: data.done() },
    ],
    nulls: until - from - dense,
  };
}
