// A chunk of byte arrays that lie in one buffer: pages of about one megabyte, PLAIN or, packed, with their
// lengths first (DELTA_LENGTH_BYTE_ARRAY), and what all begin with once (DELTA_BYTE_ARRAY).
import { encodeDelta } from "./delta.ts";
import { commonBytes, encodeCommon } from "./delta-byte-array.ts";
import { encodeLevels } from "./levels.ts";
import { PageBytes } from "./page-bytes.ts";
import type { WrittenChunk, WrittenPage } from "./written-column.ts";

export const PAGE_BYTES = 1 << 20;

export interface Slices {
  readonly optional: boolean;
  readonly packed?: boolean;
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
    let size = 0;
    for (; last < until && (last === first || size < PAGE_BYTES); last++) {
      size += 4 + ends[last]! - starts[last]!;
    }
    const out = new PageBytes(size + (last - first) + 64);
    const levels = new Uint8Array(last - first);
    let absent = 0;
    for (let row = first; row < last; row++) {
      const isPresent = starts[row]! >= 0;
      levels[row - first] = isPresent ? 1 : 0;
      if (!isPresent) absent++;
    }
    nulls += absent;
    if (column.optional) encodeLevels(absent === 0 ? undefined : levels, last - first, out);
    else if (absent > 0) throw new RangeError("a required column has absent rows");
    // A page without values has no lengths.
    const packed = column.packed === true && absent < last - first;
    const common = packed ? commonBytes(bytes, starts, ends, first, last) : 0;
    if (packed) pack(column, source, first, last, last - first - absent, common, out);
    else {
      for (let row = first; row < last; row++) {
        if (starts[row]! >= 0) out.byteArray(source, starts[row]!, ends[row]!);
      }
    }
    const encoding = !packed
      ? "PLAIN"
      : common > 0
        ? "DELTA_BYTE_ARRAY"
        : "DELTA_LENGTH_BYTE_ARRAY";
    pages.push({ type: "DATA_PAGE", encoding, values: last - first, bytes: out.done() });
    first = last;
  }
  return { pages, nulls };
}

/** `common`: bytes that all values begin with; written with the first one alone. */
function pack(
  { starts, ends }: Slices,
  source: Buffer,
  first: number,
  last: number,
  count: number,
  common: number,
  out: PageBytes,
): void {
  const lengths = new Float64Array(count);
  let n = 0;
  for (let row = first; row < last; row++) {
    if (starts[row]! < 0) continue;
    lengths[n] = ends[row]! - starts[row]! - (n === 0 ? 0 : common);
    n++;
  }
  if (common > 0) encodeCommon(common, count, out);
  encodeDelta(lengths, 0, count, out);
  let skip = 0;
  for (let row = first; row < last; row++) {
    if (starts[row]! < 0) continue;
    out.slice(source, starts[row]! + skip, ends[row]!);
    skip = common;
  }
}
