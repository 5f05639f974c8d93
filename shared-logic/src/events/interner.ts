// Gives every distinct text a small whole number, so that columns carry codes and not strings. Codes
// stay valid until `reset`, which raises `generation`: whoever caches by code compares that first.
import type { ByteWriter } from "../codec/byte-writer.ts";
import { murmur3Lanes } from "../hash/murmur3.ts";

const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
const lanes = new Uint32Array(4);

const RECENT = 256;

/** A seat in `recent`: any function of the text does, this one is cheap. */
function seatOf(b: Uint8Array, from: number, until: number): number {
  if (from === until) return 0;
  const ends = b[from]! * 7 + b[until - 1]! * 61;
  return (ends + b[(from + until) >> 1]! * 31 + (until - from)) & (RECENT - 1);
}

export class Interner {
  /** Number of codes given out: they are 0 … size − 1. */
  size = 0;
  generation = 0;
  /** First two lanes of each code's hash: [2 · code], [2 · code + 1]. */
  hashes = new Uint32Array(256);
  private table = new Int32Array(256).fill(-1);
  private bytes = new Uint8Array(4096);
  private ends = new Int32Array(129);
  private texts: (string | undefined)[] = [];
  /** Codes met lately, by a few bytes of their text: most columns repeat few values. */
  private readonly recent = new Int32Array(RECENT).fill(-1);

  /** Bytes of all texts together. */
  get sizeBytes(): number {
    return this.size === 0 ? 0 : this.ends[this.size]!;
  }

  /** The code of the UTF-8 in `source[from, until)`. */
  intern(source: Uint8Array, from: number, until: number): number {
    const seat = seatOf(source, from, until);
    const guess = this.recent[seat]!;
    if (guess >= 0 && this.same(guess, source, from, until)) return guess;
    const code = this.find(source, from, until);
    this.recent[seat] = code;
    return code;
  }

  private find(source: Uint8Array, from: number, until: number): number {
    murmur3Lanes(source, from, until, lanes);
    const [h0, h1] = [lanes[0]!, lanes[1]!];
    const mask = this.table.length - 1;
    for (let i = h0 & mask; ; i = (i + 1) & mask) {
      const code = this.table[i]!;
      if (code < 0) return this.add(source, from, until, h0, h1, i);
      if (this.hashes[2 * code] === h0 && this.hashes[2 * code + 1] === h1) {
        if (this.same(code, source, from, until)) return code;
      }
    }
  }

  internText(text: string): number {
    const bytes = encoder.encode(text);
    return this.intern(bytes, 0, bytes.length);
  }

  text(code: number): string {
    let text = this.texts[code];
    if (text === undefined) {
      text = decoder.decode(this.utf8(code));
      this.texts[code] = text;
    }
    return text;
  }

  /** Appends a code's UTF-8 with its length, without a view of it. */
  write(code: number, out: ByteWriter): void {
    out.slice(this.bytes, this.ends[code]!, this.ends[code + 1]!);
  }

  /** A view of a code's UTF-8, valid until the next `intern`. */
  utf8(code: number): Uint8Array {
    return this.bytes.subarray(this.ends[code]!, this.ends[code + 1]!);
  }

  /** Less than, equal to or greater than zero as `a` stands before, at or after `b` by UTF-8 bytes. */
  compare(a: number, b: number): number {
    const [i, j] = [this.ends[a]!, this.ends[b]!];
    const [lengthA, lengthB] = [this.ends[a + 1]! - i, this.ends[b + 1]! - j];
    const shared = Math.min(lengthA, lengthB);
    for (let k = 0; k < shared; k++) {
      const difference = this.bytes[i + k]! - this.bytes[j + k]!;
      if (difference !== 0) return difference;
    }
    return lengthA - lengthB;
  }

  /** Forgets everything; codes given out before mean nothing any more. */
  reset(): void {
    this.size = 0;
    this.generation++;
    this.table.fill(-1);
    this.recent.fill(-1);
    this.texts = [];
  }

  private same(code: number, source: Uint8Array, from: number, until: number): boolean {
    const start = this.ends[code]!;
    if (this.ends[code + 1]! - start !== until - from) return false;
    for (let i = from, j = start; i < until; i++, j++) {
      if (this.bytes[j] !== source[i]) return false;
    }
    return true;
  }

  private add(
    source: Uint8Array,
    from: number,
    until: number,
    h0: number,
    h1: number,
    at: number,
  ): number {
    const code = this.size++;
    const start = code === 0 ? 0 : this.ends[code]!;
    const end = start + until - from;
    if (end > this.bytes.length) {
      const wider = new Uint8Array(Math.max(end, this.bytes.length * 2));
      wider.set(this.bytes);
      this.bytes = wider;
    }
    this.bytes.set(source.subarray(from, until), start);
    if (code + 2 > this.ends.length) {
      const wider = new Int32Array(this.ends.length * 2);
      wider.set(this.ends);
      this.ends = wider;
    }
    this.ends[code] = start;
    this.ends[code + 1] = end;
    if (2 * code + 2 > this.hashes.length) {
      const wider = new Uint32Array(this.hashes.length * 2);
      wider.set(this.hashes);
      this.hashes = wider;
    }
    this.hashes[2 * code] = h0;
    this.hashes[2 * code + 1] = h1;
    this.table[at] = code;
    if (this.size * 2 > this.table.length) this.rehash();
    return code;
  }

  private rehash(): void {
    const mask = this.table.length * 2 - 1;
    const wider = new Int32Array(mask + 1).fill(-1);
    for (let code = 0; code < this.size; code++) {
      let i = this.hashes[2 * code]! & mask;
      while (wider[i]! >= 0) i = (i + 1) & mask;
      wider[i] = code;
    }
    this.table = wider;
  }
}
