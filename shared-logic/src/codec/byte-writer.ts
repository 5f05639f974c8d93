// Appends canonical bytes to a growing buffer: little-endian fixed integers, LEB128 varints, zigzag
// bigints, length-prefixed UTF-8. One value has one encoding; ByteReader refuses any other.

const utf8 = new TextEncoder();

export class ByteWriter {
  private buffer: Uint8Array<ArrayBuffer>;
  private view: DataView;
  private at = 0;

  constructor(capacityBytes = 64) {
    this.buffer = new Uint8Array(capacityBytes);
    this.view = new DataView(this.buffer.buffer);
  }

  get sizeBytes(): number {
    return this.at;
  }

  /** Where the next bytes go. May replace `view`, so it is called before that is read. */
  private room(bytes: number): number {
    const from = this.at;
    this.at += bytes;
    if (this.at > this.buffer.length) {
      const wider = new Uint8Array(Math.max(this.at, this.buffer.length * 2));
      wider.set(this.buffer);
      this.buffer = wider;
      this.view = new DataView(wider.buffer);
    }
    return from;
  }

  u8(value: number): this {
    const at = this.room(1);
    this.view.setUint8(at, value);
    return this;
  }
  u16(value: number): this {
    const at = this.room(2);
    this.view.setUint16(at, value, true);
    return this;
  }
  u32(value: number): this {
    const at = this.room(4);
    this.view.setUint32(at, value, true);
    return this;
  }
  f64(value: number): this {
    const at = this.room(8);
    this.view.setFloat64(at, value, true);
    return this;
  }
  /** A whole number from 0 to 2^53 − 1, seven bits a byte, low ones first. */
  varint(value: number): this {
    let v = value;
    while (v >= 128) {
      this.u8((v % 128) | 128);
      v = Math.floor(v / 128);
    }
    return this.u8(v);
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
    const from = this.room(bytes.length);
    this.buffer.set(bytes, from);
    return this;
  }
  /** Length (varint), then the bytes. */
  bytes(bytes: Uint8Array): this {
    return this.varint(bytes.length).raw(bytes);
  }
  /** Length in bytes (varint), then UTF-8; a lone surrogate becomes U+FFFD. */
  text(text: string): this {
    return this.bytes(utf8.encode(text));
  }
  /** The bytes written so far, as a copy. */
  done(): Uint8Array {
    return this.buffer.slice(0, this.at);
  }
}
