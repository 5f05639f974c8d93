// DELTA_BYTE_ARRAY (format spec, "Encodings", 7): how much of the value before each value begins with, then
// the rest of each. Written where all values of a page begin alike, such as ids with a letter in front.
import { corrupt } from "./corrupt.ts";
import { decodeDelta, encodeDelta } from "./delta.ts";
import type { Page } from "./page.ts";
import type { PageBytes } from "./page-bytes.ts";

const MOST_BYTES = 2 ** 31;

/** The page with its values PLAIN, where they are delta encoded; else the page itself. */
export function expanded(page: Page): Page {
  if (page.encoding !== "DELTA_BYTE_ARRAY") return page;
  const { bytes, dense } = page;
  if (dense === 0) return { ...page, encoding: "PLAIN" };
  const [shared, rest] = [new Int32Array(dense), new Int32Array(dense)];
  let from = decodeDelta(bytes, decodeDelta(bytes, page.at, shared, 0, dense), rest, 0, dense);
  let size = 0;
  for (let i = 0; i < dense; i++) {
    const before = i === 0 ? 0 : shared[i - 1]! + rest[i - 1]!;
    if (shared[i]! < 0 || rest[i]! < 0 || shared[i]! > before) throw corrupt("prefix of a text");
    size += 4 + shared[i]! + rest[i]!;
    if (size >= MOST_BYTES) throw corrupt("page of texts is larger than 2 GB");
  }
  const out = Buffer.allocUnsafe(size);
  let at = 0;
  let last = 0;
  for (let i = 0; i < dense; i++) {
    const length = shared[i]! + rest[i]!;
    if (from + rest[i]! > bytes.length) throw corrupt("byte array ends early");
    out.writeUInt32LE(length, at);
    at += 4;
    for (let k = 0; k < shared[i]!; k++) out[at + k] = out[last + k]!;
    for (let k = shared[i]!; k < length; k++) out[at + k] = bytes[from++]!;
    last = at;
    at += length;
  }
  return { ...page, encoding: "PLAIN", bytes: out, at: 0 };
}

/** Values that share so many more bytes with the one before them are better off beside it, for zstd. */
const NEAR_BYTES = 2;

/**
 * How many bytes all values from `first` to `last` begin with in common; rows with a start below 0 have none. 0 where
 * values follow on each other, as counted ids do.
 */
export function commonBytes(
  bytes: Uint8Array,
  starts: Int32Array,
  ends: Int32Array,
  first: number,
  last: number,
): number {
  let before = -1;
  let common = Number.POSITIVE_INFINITY;
  let [pairs, shared] = [0, 0];
  for (let row = first; row < last && common > 0; row++) {
    const start = starts[row]!;
    if (start < 0) continue;
    if (before >= 0) {
      const most = Math.min(ends[row]! - start, ends[before]! - starts[before]!);
      const of = starts[before]!;
      let k = 0;
      while (k < most && bytes[start + k] === bytes[of + k]) k++;
      // What two neighbours share is at least what all of them do.
      common = Math.min(common, k);
      shared += k;
      pairs++;
    }
    before = row;
  }
  if (pairs === 0 || shared / pairs >= common + NEAR_BYTES) return 0;
  return common;
}

/** Appends how long the values' common beginning is: none of it for the first, all of it for the others. */
export function encodeCommon(common: number, count: number, out: PageBytes): void {
  const lengths = new Float64Array(count).fill(common);
  lengths[0] = 0;
  encodeDelta(lengths, 0, count, out);
}
