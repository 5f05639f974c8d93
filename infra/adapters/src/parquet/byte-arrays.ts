// Where each byte array of a page lies: PLAIN (length, then bytes) and DELTA_LENGTH_BYTE_ARRAY.
import { corrupt } from "./corrupt.ts";
import { decodeDelta } from "./delta.ts";
import type { Page } from "./page.ts";

/** All lengths, then all bytes. */
export const LENGTHS = "DELTA_LENGTH_BYTE_ARRAY";

/** A dictionary page says PLAIN_DICTIONARY in old files and means PLAIN. */
export const isPlain = ({ dictionary, encoding }: Page): boolean =>
  encoding === "PLAIN" || (dictionary && encoding === "PLAIN_DICTIONARY");

/** Writes the dense values' ranges within `page.bytes` to starts[from …] and ends[from …]. */
export function byteArrays(page: Page, starts: Int32Array, ends: Int32Array, from: number): void {
  const { bytes, dense } = page;
  if (page.encoding === LENGTHS) {
    if (dense === 0) return;
    let at = decodeDelta(bytes, page.at, ends, from, dense);
    for (let i = from; i < from + dense; i++) {
      if (ends[i]! < 0 || ends[i]! > bytes.length - at) throw corrupt("byte array ends early");
      starts[i] = at;
      at += ends[i]!;
      ends[i] = at;
    }
    return;
  }
  if (!isPlain(page)) {
    throw corrupt(`encoding ${page.encoding} of a byte array is not read`);
  }
  const { length: sizeBytes } = bytes;
  const view = new DataView(bytes.buffer, bytes.byteOffset, sizeBytes);
  let at = page.at;
  for (let i = from; i < from + dense; i++) {
    if (at + 4 > sizeBytes) throw corrupt("byte array ends early");
    const length = view.getInt32(at, true);
    at += 4;
    if (length < 0 || at + length > sizeBytes) throw corrupt("byte array ends early");
    starts[i] = at;
    at += length;
    ends[i] = at;
  }
}
