// Writes events as bytes into one buffer: ASCII only, nothing allocated per event.
import { DAY_MS, type Random } from "@tandem/shared-logic";

const HEX = "0123456789abcdef";

export class LineWriter {
  readonly bytes: Uint8Array;
  at = 0;
  private day = Number.NaN;
  private dayText = "";

  constructor(capacityBytes: number) {
    this.bytes = new Uint8Array(capacityBytes);
  }

  text(text: string): this {
    for (let i = 0; i < text.length; i++) this.bytes[this.at++] = text.charCodeAt(i);
    return this;
  }

  /** The lowest `digits` hexadecimal digits. */
  hex(value: number, digits: number): this {
    for (let i = digits - 1; i >= 0; i--) {
      this.bytes[this.at++] = HEX.charCodeAt((value >>> (4 * i)) & 15);
    }
    return this;
  }

  digits(value: number, digits: number): this {
    let v = value;
    for (let i = digits - 1; i >= 0; i--) {
      this.bytes[this.at + i] = 48 + (v % 10);
      v = Math.floor(v / 10);
    }
    this.at += digits;
    return this;
  }

  /** A random UUID, version 4. */
  uuid(random: Random): this {
    const [a, b, c, d] = [random.u32(), random.u32(), random.u32(), random.u32()];
    this.hex(a, 8)
      .text("-")
      .hex(b >>> 16, 4)
      .text("-")
      .hex((b & 0x0fff) | 0x4000, 4);
    return this.text("-")
      .hex(((c >>> 16) & 0x3fff) | 0x8000, 4)
      .text("-")
      .hex(c, 4)
      .hex(d, 8);
  }

  time(ms: number): this {
    const day = Math.floor(ms / DAY_MS);
    if (day !== this.day) {
      this.day = day;
      this.dayText = new Date(day * DAY_MS).toISOString().slice(0, 11);
    }
    const t = ms - day * DAY_MS;
    this.text(this.dayText)
      .digits(Math.floor(t / 3_600_000), 2)
      .text(":");
    this.digits(Math.floor(t / 60_000) % 60, 2)
      .text(":")
      .digits(Math.floor(t / 1000) % 60, 2);
    return this.text(".")
      .digits(t % 1000, 3)
      .text("Z");
  }

  /** Repeats bytes written before. */
  copy(from: number, until: number): void {
    this.bytes.copyWithin(this.at, from, until);
    this.at += until - from;
  }
}
