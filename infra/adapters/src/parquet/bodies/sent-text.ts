// The moment an event was sent as the texts that clients write it in.
import { DAY_MS } from "@tandem/shared-logic";
import { MARK_SENT_EPOCH, MARK_SENT_MILLIS } from "./marks.ts";

const ZERO = 0x30;
const DATE_BYTES = 11;

export class SentText {
  /** The text is bytes[0, length), valid until the next one. */
  readonly bytes = new Uint8Array(32);
  private day = Number.NaN;
  private hasDay = false;

  /** Writes `ms` as `mark` says and returns the length; 0 where it has no such text. */
  write(mark: number, ms: number): number {
    if (mark === MARK_SENT_EPOCH) {
      this.day = Number.NaN;
      return this.ascii(String(ms));
    }
    const day = Math.floor(ms / DAY_MS);
    if (day !== this.day) this.setDay(day);
    if (!this.hasDay) return 0;
    const { bytes } = this;
    const inDay = ms - day * DAY_MS;
    const seconds = Math.floor(inDay / 1000);
    const millis = inDay - seconds * 1000;
    this.two(DATE_BYTES, Math.floor(seconds / 3600));
    bytes[13] = 0x3a;
    this.two(14, Math.floor(seconds / 60) % 60);
    bytes[16] = 0x3a;
    this.two(17, seconds % 60);
    if (mark === MARK_SENT_MILLIS) {
      bytes[19] = 0x2e;
      bytes[20] = ZERO + Math.floor(millis / 100);
      this.two(21, millis % 100);
      bytes[23] = 0x5a;
      return 24;
    }
    if (millis !== 0) return 0;
    bytes[19] = 0x5a;
    return 20;
  }

  private setDay(day: number): void {
    this.day = day;
    const ms = day * DAY_MS;
    // Years of four digits: others have other forms, and engines pad them differently.
    this.hasDay = ms >= -30_610_224_000_000 && ms < 253_402_300_800_000;
    if (this.hasDay) this.ascii(new Date(ms).toISOString().slice(0, DATE_BYTES));
  }

  private ascii(text: string): number {
    for (let i = 0; i < text.length; i++) this.bytes[i] = text.charCodeAt(i);
    return text.length;
  }

  private two(at: number, value: number): void {
    this.bytes[at] = ZERO + Math.floor(value / 10);
    this.bytes[at + 1] = ZERO + (value % 10);
  }
}
