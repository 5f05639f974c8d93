// The RLE / bit-packing hybrid of Parquet (format spec, "Encodings", RLE = 3): definition levels and
// dictionary indices. Runs of eight or more equal values become RLE, everything between is bit-packed.
import { corrupt } from "./corrupt.ts";
import type { PageBytes } from "./page-bytes.ts";

/** Bits that hold 0 … `max`. */
export const bitWidth = (max: number): number => 32 - Math.clz32(max);

/** Decodes `count` values of `width` bits to `out[from …]`; where `entries` are given, the entry that each names. */
export function decodeRle(
  source: Uint8Array,
  at: number,
  width: number,
  out: Int32Array | Uint8Array,
  from: number,
  count: number,
  entries?: Int32Array,
): void {
  if (width > 32) throw corrupt("bit width above 32");
  const valueBytes = (width + 7) >>> 3;
  let p = at;
  let i = from;
  const end = from + count;
  while (i < end) {
    let header = 0;
    for (let shift = 0; ; shift += 7) {
      const b = source[p++];
      if (b === undefined || shift > 28) throw corrupt("levels or indices end early");
      header |= (b & 127) << shift;
      if (b < 128) break;
    }
    header >>>= 0;
    if (header & 1) {
      const n = Math.min((header >>> 1) * 8, end - i);
      if (p + Math.ceil((n * width) / 8) > source.length)
        throw corrupt("bit-packed run ends early");
      if (entries) unpackEntries(source, p, width, entries, out, i, n);
      else unpack(source, p, width, out, i, n);
      p += (header >>> 1) * width;
      i += n;
    } else {
      const n = header >>> 1;
      if (n === 0 || p + valueBytes > source.length) throw corrupt("RLE run is empty or cut");
      let value = 0;
      for (let k = 0; k < valueBytes; k++) value |= source[p++]! << (8 * k);
      const until = Math.min(end, i + n);
      out.fill(entries ? entryOf(entries, value) : value, i, until);
      i = until;
    }
  }
}

function entryOf(entries: Int32Array, index: number): number {
  const entry = entries[index];
  if (entry === undefined) throw corrupt("index beyond the dictionary");
  return entry;
}

/** As `unpack`, and entries in place of what names them. */
function unpackEntries(
  source: Uint8Array,
  at: number,
  width: number,
  entries: Int32Array,
  out: Int32Array | Uint8Array,
  from: number,
  count: number,
): void {
  const eights = width > 8 ? 0 : wordsIn(source, at, width, count) >>> 3;
  unpackEights(source, at, width, entries, out, from, eights);
  const [first, next] = [8 * eights, at + eights * width];
  const words = width > 24 ? 0 : wordsIn(source, next, width, count - first);
  unpackWordEntries(source, next, width, entries, out, from + first, words);
  const done = first + words;
  if (done === count) return;
  const rest = from + done;
  if (done > 0) unpackBits(source, next, words * width, width, out, rest, from + count);
  else unpack(source, at, width, out, from, count);
  for (let i = rest; i < from + count; i++) out[i] = entryOf(entries, out[i]!);
}

/** Of how many values, up to 24 bits wide, the first byte has three more behind it: those are read without a loop for each. */
function wordsIn(source: Uint8Array, at: number, width: number, count: number): number {
  if (width === 0) return 0;
  const safe = Math.floor(((source.length - at - 4) * 8) / width);
  return Math.min(count, Math.max(0, safe));
}

function unpack(
  source: Uint8Array,
  at: number,
  width: number,
  out: Int32Array | Uint8Array,
  from: number,
  count: number,
): void {
  if (width === 0) {
    out.fill(0, from, from + count);
    return;
  }
  if (width <= 24) {
    const words = wordsIn(source, at, width, count);
    unpackWords(source, at, width, out, from, words);
    unpackBits(source, at, words * width, width, out, from + words, from + count);
    return;
  }
  const end = from + count;
  let p = at;
  let bits = 0;
  // Wider values do not fit a 32-bit accumulator; doubles are whole up to 2^53.
  const size = 2 ** width;
  let acc = 0;
  for (let i = from; i < end; i++) {
    while (bits < width) {
      acc += source[p++]! * 2 ** bits;
      bits += 8;
    }
    out[i] = acc % size;
    acc = Math.floor(acc / size);
    bits -= width;
  }
}

// A loop each: what V8 compiles of a loop that runs long is thrown away where code behind it that it knows nothing of goes on.

/** `count` values behind which there are four bytes at least. */
function unpackWords(
  source: Uint8Array,
  at: number,
  width: number,
  out: Int32Array | Uint8Array,
  from: number,
  count: number,
): void {
  const mask = (1 << width) - 1;
  const view = new DataView(source.buffer, source.byteOffset, source.byteLength);
  for (let i = 0, bit = 0; i < count; i++, bit += width) {
    out[from + i] = (view.getInt32(at + (bit >>> 3), true) >>> (bit & 7)) & mask;
  }
}

/** The same of entries that such values name. */
function unpackWordEntries(
  source: Uint8Array,
  at: number,
  width: number,
  entries: Int32Array,
  out: Int32Array | Uint8Array,
  from: number,
  count: number,
): void {
  const mask = (1 << width) - 1;
  const size = entries.length;
  const view = new DataView(source.buffer, source.byteOffset, source.byteLength);
  for (let i = 0, bit = 0; i < count; i++, bit += width) {
    const index = (view.getInt32(at + (bit >>> 3), true) >>> (bit & 7)) & mask;
    if (index >= size) throw corrupt("index beyond the dictionary");
    out[from + i] = entries[index]!;
  }
}

/**
 * The same of `eights` times eight values of at most 8 bits, which lie in two words of four. V8 asks of each array what it is as
 * often as the loop turns.
 */
function unpackEights(
  source: Uint8Array,
  at: number,
  width: number,
  entries: Int32Array,
  out: Int32Array | Uint8Array,
  from: number,
  eights: number,
): void {
  const mask = (1 << width) - 1;
  const size = entries.length;
  const view = new DataView(source.buffer, source.byteOffset, source.byteLength);
  // The fifth value's byte, and the bits of it that are the fourth's.
  const [fifth, bits] = [width >>> 1, (width & 1) << 2];
  const [two, three] = [2 * width, 3 * width];
  for (let i = 0, p = at, to = from; i < eights; i++, p += width, to += 8) {
    const low = view.getInt32(p, true);
    const high = view.getInt32(p + fifth, true) >>> bits;
    const a = low & mask;
    const b = (low >>> width) & mask;
    const c = (low >>> two) & mask;
    const d = (low >>> three) & mask;
    const e = high & mask;
    const f = (high >>> width) & mask;
    const g = (high >>> two) & mask;
    const h = (high >>> three) & mask;
    if (a >= size || b >= size || c >= size || d >= size)
      throw corrupt("index beyond the dictionary");
    if (e >= size || f >= size || g >= size || h >= size)
      throw corrupt("index beyond the dictionary");
    out[to] = entries[a]!;
    out[to + 1] = entries[b]!;
    out[to + 2] = entries[c]!;
    out[to + 3] = entries[d]!;
    out[to + 4] = entries[e]!;
    out[to + 5] = entries[f]!;
    out[to + 6] = entries[g]!;
    out[to + 7] = entries[h]!;
  }
}

/** Values to out[from, until) from a bit on, byte by byte. */
function unpackBits(
  source: Uint8Array,
  at: number,
  bit: number,
  width: number,
  out: Int32Array | Uint8Array,
  from: number,
  until: number,
): void {
  const mask = (1 << width) - 1;
  let p = at + (bit >>> 3);
  let bits = 0;
  let acc = 0;
  if (from < until && (bit & 7) !== 0) {
    acc = source[p++]! >>> (bit & 7);
    bits = 8 - (bit & 7);
  }
  for (let i = from; i < until; i++) {
    while (bits < width) {
      acc |= source[p++]! << bits;
      bits += 8;
    }
    out[i] = acc & mask;
    acc >>>= width;
    bits -= width;
  }
}

/** Appends `values[from, until)`, all of at most `width` <= 24 bits, as runs. */
export function encodeRle(
  values: Int32Array | Uint8Array,
  from: number,
  until: number,
  width: number,
  out: PageBytes,
): void {
  let packedFrom = from;
  let i = from;
  while (i < until) {
    const value = values[i];
    let j = i + 1;
    while (j < until && values[j] === value) j++;
    // A run begins on a whole group of eight: what is missing before it is taken from its own head.
    const head = (8 - ((i - packedFrom) & 7)) & 7;
    if (j - i - head >= 8) {
      pack(values, packedFrom, i + head, width, out);
      encodeRun(value!, j - i - head, width, out);
      packedFrom = j;
    }
    i = j;
  }
  pack(values, packedFrom, until, width, out);
}

/** Appends one RLE run. */
export function encodeRun(value: number, count: number, width: number, out: PageBytes): void {
  if (count === 0) return;
  varint(out, count * 2);
  for (let k = 0; k < width; k += 8) out.u8((value >>> k) & 255);
}

function varint(out: PageBytes, value: number): void {
  let v = value;
  while (v >= 128) {
    out.u8((v & 127) | 128);
    v >>>= 7;
  }
  out.u8(v);
}

/** One bit-packed run; the last group of the page is filled up with zeros. */
function pack(
  values: Int32Array | Uint8Array,
  from: number,
  until: number,
  width: number,
  out: PageBytes,
): void {
  if (until === from) return;
  const groups = (until - from + 7) >>> 3;
  varint(out, groups * 2 + 1);
  let acc = 0;
  let bits = 0;
  for (let i = from; i < from + groups * 8; i++) {
    acc |= (i < until ? values[i]! : 0) << bits;
    bits += width;
    while (bits >= 8) {
      out.u8(acc & 255);
      acc >>>= 8;
      bits -= 8;
    }
  }
}
