// Writes the primitive types of the Kafka protocol into memory of a size known beforehand. Its fields
// `buf` and `buffer` are what kafkajs takes for an encoded request.

export class WireWriter {
  readonly buf: Buffer;
  offset = 0;

  constructor(sizeBytes: number) {
    this.buf = Buffer.allocUnsafe(sizeBytes);
  }

  /** What was written so far. */
  get buffer(): Buffer {
    return this.buf.subarray(0, this.offset);
  }

  int8(value: number): this {
    this.offset = this.buf.writeInt8(value, this.offset);
    return this;
  }

  int16(value: number): this {
    this.offset = this.buf.writeInt16BE(value, this.offset);
    return this;
  }

  int32(value: number): this {
    this.offset = this.buf.writeInt32BE(value, this.offset);
    return this;
  }

  int64(value: number): this {
    this.offset = writeInt64(this.buf, value, this.offset);
    return this;
  }

  text(value: string | null): this {
    if (value === null) return this.int16(-1);
    this.int16(Buffer.byteLength(value));
    this.offset += this.buf.write(value, this.offset, "utf8");
    return this;
  }

  bytes(value: Uint8Array): this {
    this.buf.set(value, this.offset);
    this.offset += value.length;
    return this;
  }
}

export function writeInt64(buffer: Buffer, value: number, at: number): number {
  buffer.writeInt32BE(Math.floor(value / 2 ** 32), at);
  return buffer.writeUInt32BE(value >>> 0, at + 4);
}
