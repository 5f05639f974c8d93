// From a text's bytes to its code: open addressing over a 32-bit hash and the code side by side; the
// store's bytes decide. Many texts are looked up block by block in passes: hashes, then a read of the
// places they lead to, then the look-ups, then the comparisons. Within a pass no step waits for another,
// so that cache misses overlap.
import type { TextStore } from "./text-store.ts";

const RECENT = 256;
const NONE = -1;
const BLOCK = 256;
const C1 = 0x9e3779b1;
const C2 = 0x85ebca77;

/** A place in `recent`: any function of the text does, this one is cheap. */
function placeOf(b: Uint8Array, from: number, until: number): number {
  if (from === until) return 0;
  const ends = b[from]! * 7 + b[until - 1]! * 61;
  return (ends + b[(from + until) >> 1]! * 31 + (until - from)) & (RECENT - 1);
}

/** The hash of `prefix` (0 for none) and `b[from, until)`. Equal texts have equal hashes, no more is asked. */
function hashOf(b: Uint8Array, from: number, until: number, prefix: number): number {
  let [h0, h1] = [C1, 0];
  let i = from;
  if (prefix !== 0) {
    // Words are counted from the prefix on, so that it makes no difference where it stands.
    h0 = step0(h0, prefix | (word(b, from, Math.min(from + 3, until)) << 8));
    h1 = step1(h1, prefix | (word(b, from, Math.min(from + 3, until)) << 8));
    i = from + 3;
  }
  for (; i < until; i += 4) {
    const w = word(b, i, until);
    h0 = step0(h0, w);
    h1 = step1(h1, w);
  }
  return finish(h0, h1, until - from + (prefix === 0 ? 0 : 1));
}

const step0 = (h: number, w: number): number => {
  const x = Math.imul(h ^ w, C1);
  return x ^ (x >>> 15);
};
const step1 = (h: number, w: number): number => Math.imul(((h << 13) | (h >>> 19)) ^ w, C2);

function finish(h0: number, h1: number, length: number): number {
  let h = h0 ^ h1 ^ Math.imul(length, 0x2c1b3c6d);
  h ^= h >>> 15;
  h = Math.imul(h, 0x2c1b3c6d);
  h ^= h >>> 12;
  h = Math.imul(h, 0x297a2d39);
  return h ^ (h >>> 15);
}

/** Up to four bytes, the first one lowest; zeros behind the end. */
function word(b: Uint8Array, from: number, until: number): number {
  if (until - from >= 4) {
    return b[from]! | (b[from + 1]! << 8) | (b[from + 2]! << 16) | (b[from + 3]! << 24);
  }
  let w = 0;
  for (let i = from, shift = 0; i < until; i++, shift += 8) w |= b[i]! << shift;
  return w;
}

export class TextKeys {
  /** Seat i is hash and code + 1 (0 where free). */
  private seats = new Int32Array(2 * 256);
  private mask = 255;
  /** Codes of texts met lately, by a few of their bytes: most columns repeat few values. */
  private readonly recent = new Int32Array(RECENT).fill(NONE);
  private readonly hashes = new Int32Array(BLOCK);
  private readonly isNew = new Uint8Array(BLOCK);
  private touched = 0;

  intern(store: TextStore, source: Uint8Array, from: number, until: number): number {
    const place = placeOf(source, from, until);
    const guess = this.recent[place]!;
    if (guess >= 0 && store.is(guess, source, from, until)) return guess;
    const code = this.find(store, hashOf(source, from, until, 0), source, from, until, 0);
    this.recent[place] = code;
    return code;
  }

  /** See Interner.internAll. */
  internAll(
    store: TextStore,
    source: Uint8Array,
    starts: Int32Array,
    ends: Int32Array,
    count: number,
    codes: Int32Array,
    prefix: number,
  ): void {
    const { hashes, isNew } = this;
    for (let from = 0; from < count; from += BLOCK) {
      const n = Math.min(count - from, BLOCK);
      for (let i = 0; i < n; i++)
        hashes[i] = hashOf(source, starts[from + i]!, ends[from + i]!, prefix);
      this.touch(n);
      for (let i = 0; i < n; i++) {
        const e = from + i;
        const code = this.guess(hashes[i]!);
        isNew[i] = code < 0 ? 1 : 0;
        codes[e] =
          code < 0 ? this.add(store, hashes[i]!, source, starts[e]!, ends[e]!, prefix) : code;
      }
      for (let i = 0; i < n; i++) {
        const e = from + i;
        if (isNew[i] === 1 || store.is(codes[e]!, source, starts[e]!, ends[e]!, prefix)) continue;
        codes[e] = this.find(store, hashes[i]!, source, starts[e]!, ends[e]!, prefix);
      }
    }
  }

  clear(): void {
    this.seats.fill(0);
    this.recent.fill(NONE);
  }

  /** Reads the places that the first `n` hashes lead to. */
  private touch(n: number): void {
    const { hashes, seats, mask } = this;
    let touched = 0;
    for (let i = 0; i < n; i++) touched ^= seats[2 * (hashes[i]! & mask)]!;
    // Kept, so that the reads are not optimised away.
    this.touched = touched ^ this.touched;
  }

  /** The code of the first text with this hash, or NONE. */
  private guess(hash: number): number {
    const { seats, mask } = this;
    for (let i = hash & mask; ; i = (i + 1) & mask) {
      const code = seats[2 * i + 1]! - 1;
      if (code < 0 || seats[2 * i] === hash) return code;
    }
  }

  private find(
    store: TextStore,
    hash: number,
    source: Uint8Array,
    from: number,
    until: number,
    prefix: number,
  ): number {
    const { seats, mask } = this;
    for (let i = hash & mask; ; i = (i + 1) & mask) {
      const code = seats[2 * i + 1]! - 1;
      if (code < 0) return this.add(store, hash, source, from, until, prefix);
      if (seats[2 * i] === hash && store.is(code, source, from, until, prefix)) return code;
    }
  }

  private add(
    store: TextStore,
    hash: number,
    source: Uint8Array,
    from: number,
    until: number,
    prefix: number,
  ): number {
    const code = store.add(source, from, until, prefix);
    if (store.size * 4 > this.mask * 3) this.widen();
    this.put(hash, code);
    return code;
  }

  private put(hash: number, code: number): void {
    const { seats, mask } = this;
    let i = hash & mask;
    while (seats[2 * i + 1] !== 0) i = (i + 1) & mask;
    seats[2 * i] = hash;
    seats[2 * i + 1] = code + 1;
  }

  private widen(): void {
    const before = this.seats;
    this.mask = this.mask * 2 + 1;
    this.seats = new Int32Array(2 * (this.mask + 1));
    for (let at = 0; at < before.length; at += 2) {
      if (before[at + 1] !== 0) this.put(before[at]!, before[at + 1]! - 1);
    }
  }
}
