// Reads what ByteWriter wrote. Anything cut short, over-long or not canonical throws TandemError
// `corrupt_bytes`: stored bytes are never half understood.
import { TandemError } from "../errors.ts";

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** Up to here a text is made faster one by one than by a call of the decoder. */
const SHORT = 12;

function shortAscii(bytes: Uint8Array): string | undefined {
  const { length } = bytes;
  if (length > SHORT) return undefined;
  let text = "";
  for (let i = 0; i < length; i++) {
    const byte = bytes[i] as number;
    if (byte >= 0x80) return undefined;
    text += String.fromCharCode(byte);
  }
  return text;
}

export class ByteReader {
  private at = 0;
  private readonly source: Uint8Array;
  private made: DataView | undefined;

  constructor(source: Uint8Array) {
    this.source = source;
  }

  /** Most states are a few varints: they cost no view. */
  private get view(): DataView {
    this.made ??= new DataView(this.source.buffer, this.source.byteOffset, this.source.byteLength);
    return this.made;
  }

  get left(): number {
    return this.source.length - this.at;
  }

  private take(bytes: number): number {
    const from = this.at;
    if (bytes > this.left) throw new TandemError("corrupt_bytes", { details: { at: from, bytes } });
    this.at += bytes;
    return from;
  }

  u8(): number {
    return this.source[this.take(1)] as number;
  }
  u16(): number {
    return this.view.getUint16(this.take(2), true);
  }
  u32(): number {
    return this.view.getUint32(this.take(4), true);
  }
  f64(): number {
    return this.view.getFloat64(this.take(8), true);
  }
  varint(): number {
    let value = 0;
    for (let scale = 1, n = 0; ; scale *= 128, n++) {
      const b = this.u8();
      value += (b & 127) * scale;
      if (b < 128) {
        if ((b === 0 && n > 0) || value > Number.MAX_SAFE_INTEGER) break;
        return value;
      }
      if (n === 7) break;
    }
    throw new TandemError("corrupt_bytes", { details: { at: this.at, what: "varint" } });
  }
  bigint(): bigint {
    let v = 0n;
    for (let shift = 0n, n = 0; ; shift += 7n, n++) {
      const b = this.u8();
      v |= BigInt(b & 127) << shift;
      if (b < 128) {
        if (b === 0 && n > 0) break;
        return v & 1n ? -((v + 1n) >> 1n) : v >> 1n;
      }
      if (n > 40) break;
    }
    throw new TandemError("corrupt_bytes", { details: { at: this.at, what: "bigint" } });
  }
  /** A view of the next bytes, not a copy. */
  raw(length: number): Uint8Array {
    const from = this.take(length);
    return this.source.subarray(from, from + length);
  }
  /** Goes past the next bytes; where they begin. */
  skip(length: number): number {
    return this.take(length);
  }
  bytes(): Uint8Array {
    return this.raw(this.varint());
  }
  text(): string {
    const bytes = this.bytes();
    const short = shortAscii(bytes);
    if (short !== undefined) return short;
    try {
      return utf8.decode(bytes);
    } catch (cause) {
      throw new TandemError("corrupt_bytes", { details: { at: this.at, what: "utf-8" }, cause });
    }
  }
  /** Everything must have been read. */
  end(): void {
    if (this.left !== 0) throw new TandemError("corrupt_bytes", { details: { left: this.left } });
  }
}
