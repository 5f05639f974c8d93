// The growing buffer that pages are encoded into. Copies whole value ranges without making views.

export class PageBytes {
  private buffer: Buffer;
  sizeBytes = 0;

  constructor(capacityBytes = 1 << 16) {
    this.buffer = Buffer.allocUnsafe(capacityBytes);
  }

  private room(bytes: number): number {
    const from = this.sizeBytes;
    const size = from + bytes;
    if (size > this.buffer.length) {
      const wider = Buffer.allocUnsafe(Math.max(size, this.buffer.length * 2));
      this.buffer.copy(wider, 0, 0, from);
      this.buffer = wider;
    }
    this.sizeBytes = size;
    return from;
  }

  u8(value: number): void {
    const at = this.room(1);
    this.buffer[at] = value;
  }
  u32(value: number): void {
    const at = this.room(4);
    this.buffer.writeUInt32LE(value, at);
  }
  raw(bytes: Uint8Array): void {
    const at = this.room(bytes.length);
    this.buffer.set(bytes, at);
  }
  /** A PLAIN byte array: length, then `source[from, until)`. */
  byteArray(source: Buffer, from: number, until: number): void {
    const at = this.room(4 + until - from);
    this.buffer.writeUInt32LE(until - from, at);
    source.copy(this.buffer, at + 4, from, until);
  }
  /** The bytes of `source[from, until)`. */
  slice(source: Uint8Array, from: number, until: number): void {
    const at = this.room(until - from);
    const { buffer } = this;
    if (until - from > 64) buffer.set(source.subarray(from, until), at);
    else for (let i = from, to = at; i < until; i++, to++) buffer[to] = source[i]!;
  }
  /** Overwrites four bytes written before. */
  setU32(at: number, value: number): void {
    this.buffer.writeUInt32LE(value, at);
  }
  /** The bytes written so far: a view, valid until the next write. */
  done(): Buffer {
    return this.buffer.subarray(0, this.sizeBytes);
  }
}
