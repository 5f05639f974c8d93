// Reads the primitive types of the Kafka protocol (kafka.apache.org/protocol, "Protocol Primitive
// Types"): big-endian numbers, length-prefixed texts and arrays. Reading past the end is corrupt_bytes.
import { TandemError } from "@tandem/shared-logic";

export class WireReader {
  readonly bytes: Buffer;
  at = 0;

  constructor(bytes: Buffer) {
    this.bytes = bytes;
  }

  skip(size: number): this {
    this.take(size);
    return this;
  }

  int8(): number {
    return this.bytes.readInt8(this.take(1));
  }

  int16(): number {
    return this.bytes.readInt16BE(this.take(2));
  }

  int32(): number {
    return this.bytes.readInt32BE(this.take(4));
  }

  /** As a number: offsets and times stay far below 2^53. */
  int64(): number {
    return int64At(this.bytes, this.take(8));
  }

  text(): string {
    const size = this.int16();
    if (size < 0) return "";
    const from = this.take(size);
    return this.bytes.toString("utf8", from, from + size);
  }

  /** A part of the same memory; empty where it is null. */
  span(): Buffer {
    const size = this.int32();
    if (size < 0) return this.bytes.subarray(this.at, this.at);
    const from = this.take(size);
    return this.bytes.subarray(from, from + size);
  }

  list<T>(one: (reader: WireReader) => T): T[] {
    const count = this.int32();
    // Every entry takes at least one byte, so a damaged count is found before it costs memory.
    if (count > this.bytes.length - this.at) this.take(count);
    const entries: T[] = [];
    for (let i = 0; i < count; i++) entries.push(one(this));
    return entries;
  }

  private take(size: number): number {
    const from = this.at;
    if (size < 0 || from + size > this.bytes.length) {
      throw new TandemError("corrupt_bytes", { message: "A Kafka response is cut short." });
    }
    this.at = from + size;
    return from;
  }
}

export function int64At(bytes: Buffer, at: number): number {
  return bytes.readInt32BE(at) * 2 ** 32 + bytes.readUInt32BE(at + 4);
}
