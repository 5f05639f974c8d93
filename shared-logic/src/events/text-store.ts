// Texts by code, one behind the other in one buffer. They only ever come, so a code means the same text
// for as long as somebody holds the store. Knows the texts' order by UTF-8, worked out once for all.
import type { ByteWriter } from "../codec/byte-writer.ts";
import { TextRanks } from "./text-ranks.ts";

export class TextStore {
  /** Codes are 0 … size − 1. */
  size = 0;
  /** Text `code` is bytes[ends[code], ends[code + 1]). */
  bytes = new Uint8Array(4096);
  ends = new Int32Array(129);
  private ranked: TextRanks | undefined;

  get sizeBytes(): number {
    return this.ends[this.size]!;
  }

  /** The code of one more text, which the store must not know yet: `prefix` unless 0, `source[from, until)`. */
  add(source: Uint8Array, from: number, until: number, prefix = 0): number {
    const code = this.size++;
    const start = this.ends[code]!;
    const first = prefix === 0 ? start : start + 1;
    const end = first + until - from;
    if (end > this.bytes.length) {
      const wider = new Uint8Array(Math.max(end, this.bytes.length * 2));
      wider.set(this.bytes);
      this.bytes = wider;
    }
    const { bytes } = this;
    if (prefix !== 0) bytes[start] = prefix;
    for (let i = from, j = first; j < end; i++, j++) bytes[j] = source[i]!;
    if (code + 2 > this.ends.length) {
      const wider = new Int32Array(this.ends.length * 2);
      wider.set(this.ends);
      this.ends = wider;
    }
    this.ends[code + 1] = end;
    return code;
  }

  /** As many `add`s: text k ends in `source` at `ends[k]`, and begins where the one before ends. */
  addAll(source: Uint8Array, ends: Int32Array, count: number): void {
    if (count === 0) return;
    const start = this.sizeBytes;
    const sizeBytes = ends[count - 1]!;
    if (start + sizeBytes > this.bytes.length) {
      const wider = new Uint8Array(Math.max(start + sizeBytes, this.bytes.length * 2));
      wider.set(this.bytes);
      this.bytes = wider;
    }
    this.bytes.set(source.subarray(0, sizeBytes), start);
    if (this.size + count + 1 > this.ends.length) {
      const wider = new Int32Array(Math.max(this.size + count + 1, this.ends.length * 2));
      wider.set(this.ends);
      this.ends = wider;
    }
    const own = this.ends;
    const first = this.size + 1;
    for (let k = 0; k < count; k++) own[first + k] = start + ends[k]!;
    this.size += count;
  }

  /** A view of a code's UTF-8, valid until the next `add`. */
  utf8(code: number): Uint8Array {
    return this.bytes.subarray(this.ends[code]!, this.ends[code + 1]!);
  }

  /** Whether the code's text is `prefix`, unless 0, and `source[from, until)`. */
  is(code: number, source: Uint8Array, from: number, until: number, prefix = 0): boolean {
    const { bytes, ends } = this;
    const [start, end] = [ends[code]!, ends[code + 1]!];
    const first = prefix === 0 ? start : start + 1;
    if (end - first !== until - from || (prefix !== 0 && bytes[start] !== prefix)) return false;
    for (let i = from, j = first; i < until; i++, j++) {
      if (bytes[j] !== source[i]) return false;
    }
    return true;
  }

  /** Appends a code's UTF-8 with its length, without a view of it. */
  write(code: number, out: ByteWriter): void {
    out.slice(this.bytes, this.ends[code]!, this.ends[code + 1]!);
  }

  /** The order of all texts there are now. */
  ranks(): TextRanks {
    if (this.ranked?.size !== this.size) {
      this.ranked = new TextRanks(this.bytes, this.ends, this.size);
    }
    return this.ranked;
  }

  /** Forgets all texts. Only where nobody holds the store. */
  clear(): void {
    this.size = 0;
    this.ranked = undefined;
  }
}
