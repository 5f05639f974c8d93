// The order of many texts by UTF-8 bytes: a radix sort over the eight bytes behind what all have in
// common, then a comparison among those that are equal there. Also the texts themselves in that order,
// each with its length, so that sets of them are written by copying ranges.
import { ByteWriter } from "../codec/byte-writer.ts";

const KEY_BYTES = 8;

export class TextRanks {
  readonly size: number;
  /** Rank by code. */
  readonly ofCode: Int32Array;
  /** Text of rank r, with its length in front, is encoded[starts[r], starts[r + 1]). */
  readonly encoded: Uint8Array;
  readonly starts: Int32Array;

  constructor(bytes: Uint8Array, ends: Int32Array, size: number) {
    this.size = size;
    const codes = sorted(bytes, ends, size);
    this.ofCode = new Int32Array(size);
    this.starts = new Int32Array(size + 1);
    const out = new ByteWriter(2 * size + ends[size]!);
    for (let rank = 0; rank < size; rank++) {
      const code = codes[rank]!;
      this.ofCode[code] = rank;
      out.slice(bytes, ends[code]!, ends[code + 1]!);
      this.starts[rank + 1] = out.sizeBytes;
    }
    this.encoded = out.done();
  }
}

/** Codes in ascending order of their texts. */
function sorted(bytes: Uint8Array, ends: Int32Array, size: number): Int32Array {
  let codes = new Int32Array(size);
  for (let code = 0; code < size; code++) codes[code] = code;
  if (size < 2) return codes;
  const skip = commonPrefix(bytes, ends, size);
  const [high, low] = [new Uint32Array(size), new Uint32Array(size)];
  for (let code = 0; code < size; code++) {
    const [from, until] = [ends[code]! + skip, ends[code + 1]!];
    high[code] = word(bytes, from, until);
    low[code] = word(bytes, from + 4, until);
  }
  let other = new Int32Array(size);
  const counts = new Int32Array(257);
  for (let byte = KEY_BYTES - 1; byte >= 0; byte--) {
    const key = byte < 4 ? high : low;
    const shift = 24 - 8 * (byte & 3);
    counts.fill(0);
    for (let code = 0; code < size; code++) counts[((key[code]! >>> shift) & 255) + 1]! += 1;
    // All have the same byte here.
    if (counts.includes(size)) continue;
    for (let b = 0; b < 256; b++) counts[b + 1]! += counts[b]!;
    for (let i = 0; i < size; i++) {
      const code = codes[i]!;
      const b = (key[code]! >>> shift) & 255;
      other[counts[b]!++] = code;
    }
    [codes, other] = [other, codes];
  }
  const before = (a: number, b: number): number => compare(bytes, ends, a, b);
  for (let from = 0; from < size; ) {
    const first = codes[from]!;
    let until = from + 1;
    for (; until < size; until++) {
      const code = codes[until]!;
      if (high[code] !== high[first] || low[code] !== low[first]) break;
    }
    if (until - from > 1) codes.subarray(from, until).sort(before);
    from = until;
  }
  return codes;
}

/** Four bytes, the first one highest; zeros behind the end. */
function word(bytes: Uint8Array, from: number, until: number): number {
  if (until - from >= 4) {
    return (
      (bytes[from]! << 24) | (bytes[from + 1]! << 16) | (bytes[from + 2]! << 8) | bytes[from + 3]!
    );
  }
  let w = 0;
  for (let i = from, shift = 24; i < until; i++, shift -= 8) w |= bytes[i]! << shift;
  return w;
}

/** How many bytes all texts begin with alike. */
function commonPrefix(bytes: Uint8Array, ends: Int32Array, size: number): number {
  const start = ends[0]!;
  let length = ends[1]! - start;
  for (let code = 1; code < size && length > 0; code++) {
    const [from, until] = [ends[code]!, ends[code + 1]!];
    length = Math.min(length, until - from);
    let k = 0;
    while (k < length && bytes[start + k] === bytes[from + k]) k++;
    length = k;
  }
  return length;
}

/** Less than, equal to or greater than zero as `a` stands before, at or after `b` by UTF-8 bytes. */
function compare(bytes: Uint8Array, ends: Int32Array, a: number, b: number): number {
  const [i, j] = [ends[a]!, ends[b]!];
  const [lengthA, lengthB] = [ends[a + 1]! - i, ends[b + 1]! - j];
  const shared = Math.min(lengthA, lengthB);
  for (let k = 0; k < shared; k++) {
    const difference = bytes[i + k]! - bytes[j + k]!;
    if (difference !== 0) return difference;
  }
  return lengthA - lengthB;
}
