// DELTA_BINARY_PACKED (format spec, "Encodings", 5): blocks of deltas over their minimum, packed in
// miniblocks of as many bits as needed. Whole numbers up to 2^53; wider foreign ones are refused.
import { corrupt } from "./corrupt.ts";
import type { PageBytes } from "./page-bytes.ts";

const BLOCK = 128;
const MINIBLOCKS = 4;
const MINI = BLOCK / MINIBLOCKS;

class Cursor {
  at: number;
  readonly source: Uint8Array;
  constructor(source: Uint8Array, at: number) {
    this.source = source;
    this.at = at;
  }
  byte(): number {
    const b = this.source[this.at++];
    if (b === undefined) throw corrupt("delta block ends early");
    return b;
  }
  varint(): number {
    let value = 0;
    for (let scale = 1; ; scale *= 128) {
      const b = this.byte();
      value += (b & 127) * scale;
      if (value > Number.MAX_SAFE_INTEGER) throw corrupt("whole number above 2^53");
      if (b < 128) return value;
    }
  }
  zigzag(): number {
    const n = this.varint();
    return n % 2 === 0 ? n / 2 : -(n + 1) / 2;
  }
}

/** Decodes `count` values to `out[from …]` and returns where the encoding ends. */
export function decodeDelta(
  source: Uint8Array,
  at: number,
  out: Float64Array | Int32Array,
  from: number,
  count: number,
): number {
  const c = new Cursor(source, at);
  const blockSize = c.varint();
  const miniblocks = c.varint();
  const mini = blockSize / miniblocks;
  const total = c.varint();
  let value = c.zigzag();
  if (total < count || !(mini > 0) || mini % 8 !== 0) throw corrupt("delta header");
  if (total === 0) return c.at;
  out[from] = value;
  const end = from + count;
  const view = new DataView(source.buffer, source.byteOffset, source.byteLength);
  let i = from + 1;
  // Values are counted by the header, so that the end is found also where fewer are wanted.
  for (let left = total - 1; left > 0; ) {
    const min = c.zigzag();
    const widths = c.at;
    c.at += miniblocks;
    for (let m = 0; m < miniblocks && left > 0; m++) {
      const width = source[widths + m] ?? 0;
      if (width > 45) throw corrupt("deltas above 45 bits");
      if (c.at + (mini * width) / 8 > source.length) throw corrupt("miniblock ends early");
      const n = Math.min(mini, left, end - i);
      if (width > 32 || (width > 0 && c.at + (mini * width) / 8 + 4 > source.length)) {
        value = unpackAny(source, c.at, width, min, value, out, i, n);
      } else if (width > 0) value = unpackWords(view, c.at, width, min, value, out, i, n);
      else if (min === 0) out.fill(value, i, i + n);
      else for (let k = i; k < i + n; k++) out[k] = value += min;
      i += n;
      c.at += (mini * width) / 8;
      left -= Math.min(mini, left);
    }
  }
  return c.at;
}

/** The value that all `count` values have, and where the encoding ends; undefined where they differ, or there are others. */
export function onlyDelta(
  source: Uint8Array,
  at: number,
  count: number,
): { readonly value: number; readonly end: number } | undefined {
  const c = new Cursor(source, at);
  const blockSize = c.varint();
  const miniblocks = c.varint();
  const total = c.varint();
  const value = c.zigzag();
  if (total !== count || !(blockSize > 0) || blockSize % (8 * miniblocks) !== 0) return undefined;
  for (let left = total - 1; left > 0; left -= blockSize) {
    if (c.zigzag() !== 0) return undefined;
    for (let m = 0; m < miniblocks; m++) if (c.byte() !== 0) return undefined;
  }
  return { value, end: c.at };
}

/** Up to 32 bits each, where there are four more bytes behind the last. */
function unpackWords(
  source: DataView,
  at: number,
  width: number,
  min: number,
  first: number,
  out: Float64Array | Int32Array,
  from: number,
  n: number,
): number {
  const mask = width === 32 ? -1 : (1 << width) - 1;
  let value = first;
  let bit = 0;
  for (let i = from; i < from + n; i++, bit += width) {
    const p = at + (bit >>> 3);
    const shift = bit & 7;
    // A shift by 32 is one by 0 in JavaScript, hence the two steps.
    const high = (source.getUint8(p + 4) << 1) << (31 - shift);
    const packed = (source.getInt32(p, true) >>> shift) | high;
    value += min + ((packed & mask) >>> 0);
    out[i] = value;
  }
  return value;
}

function unpackAny(
  source: Uint8Array,
  at: number,
  width: number,
  min: number,
  first: number,
  out: Float64Array | Int32Array,
  from: number,
  n: number,
): number {
  const size = 2 ** width;
  let [p, acc, bits, value] = [at, 0, 0, first];
  for (let i = from; i < from + n; i++) {
    while (bits < width) {
      acc += source[p++]! * 2 ** bits;
      bits += 8;
    }
    value += min + (acc % size);
    out[i] = value;
    acc = Math.floor(acc / size);
    bits -= width;
  }
  return value;
}

function varint(out: PageBytes, value: number): void {
  let v = value;
  while (v >= 128) {
    out.u8((v % 128) | 128);
    v = Math.floor(v / 128);
  }
  out.u8(v);
}
const zigzag = (out: PageBytes, v: number): void => varint(out, v < 0 ? -2 * v - 1 : 2 * v);

/** Appends `values[from, until)`: whole, and no two further apart than 2^44. */
export function encodeDelta(
  values: Float64Array,
  from: number,
  until: number,
  out: PageBytes,
): void {
  varint(out, BLOCK);
  varint(out, MINIBLOCKS);
  varint(out, until - from);
  zigzag(out, until > from ? values[from]! : 0);
  const deltas = new Float64Array(BLOCK);
  for (let i = from + 1; i < until; i += BLOCK) {
    const n = Math.min(BLOCK, until - i);
    let min = Number.POSITIVE_INFINITY;
    for (let k = 0; k < n; k++) {
      const delta = values[i + k]! - values[i + k - 1]!;
      deltas[k] = delta;
      if (delta < min) min = delta;
    }
    zigzag(out, min);
    const widths: number[] = [];
    for (let m = 0; m < MINIBLOCKS; m++) {
      let max = 0;
      for (let k = m * MINI; k < Math.min(n, (m + 1) * MINI); k++) {
        deltas[k]! -= min;
        max = Math.max(max, deltas[k]!);
      }
      let width = 0;
      while (2 ** width <= max) width++;
      if (width > 45) throw new RangeError(`values ${max} apart cannot be packed`);
      widths.push(width);
      out.u8(width);
    }
    for (const [m, width] of widths.entries()) {
      if (width > 0) packMini(deltas, m * MINI, n, width, out);
    }
  }
}

function packMini(
  deltas: Float64Array,
  from: number,
  n: number,
  width: number,
  out: PageBytes,
): void {
  let acc = 0;
  let bits = 0;
  for (let k = from; k < from + MINI; k++) {
    if (k < n) acc += deltas[k]! * 2 ** bits;
    bits += width;
    while (bits >= 8) {
      out.u8(acc % 256);
      acc = Math.floor(acc / 256);
      bits -= 8;
    }
  }
}
