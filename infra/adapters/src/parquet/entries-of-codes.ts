// The distinct texts that rows of codes point at, one behind the other in order of first appearance: what
// a dictionary page is made of, whatever the interner saw before.
import { type Interner, NO_TEXT } from "@tandem/shared-logic";
import { PageBytes } from "./page-bytes.ts";

export interface CodeEntries {
  /** Entry e is bytes[ends[e], ends[e + 1]). */
  readonly bytes: Buffer;
  readonly ends: Int32Array;
  readonly count: number;
  /** Entry by row, -1 where a row has no text. */
  readonly rows: Int32Array;
}

export function entriesOfCodes(
  { interner, codes }: { readonly interner: Interner; readonly codes: Int32Array },
  from: number,
  until: number,
): CodeEntries {
  const texts = interner.hold();
  const entryOf = new Int32Array(interner.size).fill(-1);
  const rows = new Int32Array(until - from);
  const bytes = new PageBytes(Math.min(interner.sizeBytes, 1 << 22) + 16);
  const ends = new Int32Array(Math.min(interner.size, until - from) + 1);
  let count = 0;
  for (let row = from; row < until; row++) {
    const code = codes[row]!;
    let entry = -1;
    if (code !== NO_TEXT) {
      entry = entryOf[code]!;
      if (entry < 0) {
        entry = count++;
        entryOf[code] = entry;
        bytes.slice(texts.bytes, texts.ends[code]!, texts.ends[code + 1]!);
        ends[count] = bytes.sizeBytes;
      }
    }
    rows[row - from] = entry;
  }
  return { bytes: bytes.done(), ends, count, rows };
}
