// Appends canonical bytes to a growing buffer: little-endian fixed integers, LEB128 varints, zigzag
// bigints, length-prefixed UTF-8. One value has one encoding; ByteReader refuses any other.

const utf8 = new TextEncoder();

/** One number as bytes; typed arrays would follow the machine's order, a DataView says which. */
const float = new Uint8Array(8);
const floatView = new DataView(float.buffer);
/** Below this many bytes a loop is faster than a view and `set`. */
const SHORT_BYTES = 48;

/** From so many on, a view and `set` are faster than words one by one. */
const LONG_BYTES = 2048;

const PART_BYTES = 16;
const NO_VIEW = new DataView(new ArrayBuffer(0));

export class ByteWriter {
  private buffer: Uint8Array<ArrayBuffer>;
  private at = 0;
  /** Of `buffer`, and of what was copied from last. */
  private own: DataView | undefined;
  private from: DataView = NO_VIEW;
  private gathered: Uint8Array | undefined;
  private touched = 0;

  constructor(capacityBytes = 64) {
    this.buffer = new Uint8Array(capacityBytes);
  }

  get sizeBytes(): number {
    return this.at;
  }

  /** Begins anew in the same buffer. */
  clear(): this {
    this.at = 0;
    return this;
  }

  /** Where the next bytes go. May replace `buffer`, so it is called before that is read. */
  private room(bytes: number): number {
    const from = this.at;
    this.at += bytes;
    if (this.at > this.buffer.length) {
      const wider = new Uint8Array(Math.max(this.at, this.buffer.length * 2));
      wider.set(this.buffer);
      this.buffer = wider;
      this.own = undefined;
    }
    return from;
  }

  /** Of `buffer` as it is after `room`. */
  private ownView(): DataView {
    this.own ??= new DataView(this.buffer.buffer);
    return this.own;
  }

  /** Of the array that is read from, made once where it stays the same. */
  private viewOf(source: Uint8Array): DataView {
    if (this.gathered !== source) {
      this.gathered = source;
      this.from = new DataView(source.buffer, source.byteOffset, source.byteLength);
    }
    return this.from;
  }

  u8(value: number): this {
    const at = this.room(1);
    this.buffer[at] = value;
    return this;
  }
  u16(value: number): this {
    const at = this.room(2);
    this.buffer[at] = value;
    this.buffer[at + 1] = value >>> 8;
    return this;
  }
  u32(value: number): this {
    const at = this.room(4);
    const { buffer } = this;
    buffer[at] = value;
    buffer[at + 1] = value >>> 8;
    buffer[at + 2] = value >>> 16;
    buffer[at + 3] = value >>> 24;
    return this;
  }
  f64(value: number): this {
    floatView.setFloat64(0, value, true);
    return this.raw(float);
  }
  /** A whole number from 0 to 2^53 − 1, seven bits a byte, low ones first. */
  varint(value: number): this {
    if (value < 128) return this.u8(value);
    let v = value;
    while (v >= 128) {
      this.u8((v % 128) | 128);
      v = Math.floor(v / 128);
    }
    return this.u8(v);
  }
  /** The first `count` numbers, each as `u32`. */
  u32s(values: Uint32Array, count: number): this {
    const at = this.room(4 * count);
    const own = this.ownView();
    for (let i = 0; i < count; i++) own.setInt32(at + 4 * i, values[i]! | 0, true);
    return this;
  }
  /** Any whole number: zigzag, then seven bits a byte. */
  bigint(value: bigint): this {
    let v = value < 0n ? -value * 2n - 1n : value * 2n;
    while (v >= 128n) {
      this.u8(Number(v & 127n) | 128);
      v >>= 7n;
    }
    return this.u8(Number(v));
  }
  raw(bytes: Uint8Array): this {
    return this.part(bytes, bytes.length);
  }
  private part(bytes: Uint8Array, length: number): this {
    const from = this.room(length);
    const { buffer } = this;
    if (length < SHORT_BYTES) for (let i = 0; i < length; i++) buffer[from + i] = bytes[i]!;
    else buffer.set(length === bytes.length ? bytes : bytes.subarray(0, length), from);
    return this;
  }
  /** Like `bytes` of `source[from, until)`. */
  slice(source: Uint8Array, from: number, until: number): this {
    const length = until - from;
    this.varint(length);
    const at = this.room(length);
    const { buffer } = this;
    if (length < SHORT_BYTES) for (let i = 0; i < length; i++) buffer[at + i] = source[from + i]!;
    else buffer.set(source.subarray(from, until), at);
    return this;
  }
  /** `source[from, until)` as it is, without a view of it where it is short. */
  copy(source: Uint8Array, from: number, until: number): this {
    const length = until - from;
    const at = this.room(length);
    const { buffer } = this;
    if (length >= LONG_BYTES) {
      buffer.set(source.subarray(from, until), at);
      return this;
    }
    const own = this.ownView();
    const theirs = this.viewOf(source);
    const words = length & ~3;
    for (let i = 0; i < words; i += 4) own.setInt32(at + i, theirs.getInt32(from + i, true), true);
    for (let i = words; i < length; i++) buffer[at + i] = source[from + i]!;
    return this;
  }
  /** As they are, `source[starts[k], starts[k + 1])` for the first `count` numbers k of `parts`. */
  gather(source: Uint8Array, starts: Int32Array, parts: Int32Array, count: number): this {
    let [bytes, touched] = [0, 0];
    for (let i = 0; i < count; i++) {
      const from = starts[parts[i]!]!;
      bytes += starts[parts[i]! + 1]! - from;
      // A read of each part: cache misses overlap.
      touched ^= source[from]!;
    }
    // Kept, so that the reads are not optimised away.
    this.touched = touched ^ this.touched;
    // Short parts are copied as four words, whatever stands behind them.
    let at = this.room(bytes + PART_BYTES);
    this.at -= PART_BYTES;
    const { buffer } = this;
    const [own, theirs] = [this.ownView(), this.viewOf(source)];
    const last = source.length - PART_BYTES;
    for (let i = 0; i < count; i++) {
      const from = starts[parts[i]!]!;
      const length = starts[parts[i]! + 1]! - from;
      if (length <= PART_BYTES && from <= last) {
        own.setInt32(at, theirs.getInt32(from, true), true);
        own.setInt32(at + 4, theirs.getInt32(from + 4, true), true);
        own.setInt32(at + 8, theirs.getInt32(from + 8, true), true);
        own.setInt32(at + 12, theirs.getInt32(from + 12, true), true);
      } else for (let k = 0; k < length; k++) buffer[at + k] = source[from + k]!;
      at += length;
    }
    return this;
  }
  /** Length (varint), then the bytes. */
  bytes(bytes: Uint8Array): this {
    return this.varint(bytes.length).raw(bytes);
  }
  /** Begins a part that `endPart` turns into what `bytes` would have written; where it begins. */
  beginPart(): number {
    return this.room(1) + 1;
  }
  endPart(start: number): void {
    const length = this.at - start;
    if (length < 128) {
      this.buffer[start - 1] = length;
      return;
    }
    let more = 0;
    for (let v = length; v >= 128; v = Math.floor(v / 128)) more++;
    this.room(more);
    this.buffer.copyWithin(start + more, start, start + length);
    this.at = start - 1;
    this.varint(length);
    this.at = start + more + length;
  }
  /** Length in bytes (varint), then UTF-8; a lone surrogate becomes U+FFFD. */
  text(text: string): this {
    const start = this.at;
    if (text.length < 128) {
      const from = this.room(1 + text.length);
      const { buffer } = this;
      buffer[from] = text.length;
      let i = 0;
      for (; i < text.length; i++) {
        const c = text.charCodeAt(i);
        if (c >= 128) break;
        buffer[from + 1 + i] = c;
      }
      if (i === text.length) return this;
      this.at = start;
    }
    return this.bytes(utf8.encode(text));
  }
  /** The bytes written from `from` on; they stay what they are as long as nothing goes back before them. */
  view(from = 0): Uint8Array {
    return new Uint8Array(this.buffer.buffer, from, this.at - from);
  }
  /** Forgets what was written from `to` on. */
  back(to: number): void {
    this.at = to;
  }
  /** The bytes written so far, as a copy. */
  done(): Uint8Array {
    return this.buffer.slice(0, this.at);
  }
}
