// A chunk of byte arrays that lie in one buffer: PLAIN pages of about one megabyte.
import { encodeLevels } from "./levels.ts";
import { PageBytes } from "./page-bytes.ts";
import type { WrittenChunk, WrittenPage } from "./written-column.ts";

export const PAGE_BYTES = 1 << 20;

export interface Slices {
  readonly optional: boolean;
  readonly bytes: Uint8Array;
  readonly starts: Int32Array;
  readonly ends: Int32Array;
}

export function encodeSlices(column: Slices, from: number, until: number): WrittenChunk {
  const { bytes, starts, ends } = column;
  const source = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const pages: WrittenPage[] = [];
  let nulls = 0;
  for (let first = from; first < until || pages.length === 0; ) {
    let last = first;
    for (let size = 0; last < until && (last === first || size < PAGE_BYTES); last++) {
      size += 4 + ends[last]! - starts[last]!;
    }
    const out = new PageBytes(PAGE_BYTES + (1 << 16));
    if (column.optional) encodeLevels((row) => starts[row]! >= 0, first, last, out);
    for (let row = first; row < last; row++) {
      if (starts[row]! >= 0) out.byteArray(source, starts[row]!, ends[row]!);
      else if (column.optional) nulls++;
      else throw new RangeError(`row ${row} of a required column is absent`);
    }
    pages.push({ type: "DATA_PAGE", encoding: "PLAIN", values: last - first, bytes: out.done() });
    first = last;
  }
  return { pages, nulls };
}
