// From a text's bytes to its code: open addressing over eight bytes of key, the length and the code side
// by side, so that a look-up touches one place. Up to eight bytes the key is the text itself, and nothing
// more is compared; above, it is a hash, and the store's bytes decide. Many texts are looked up in two
// passes over a block of them, the first of which only touches the places: cache misses then overlap
// instead of following each other.
import type { TextStore } from "./text-store.ts";

const KEY_BYTES = 8;
const RECENT = 256;
const NONE = -1;
const BLOCK = 256;
const C1 = 0x9e3779b1;
const C2 = 0x85ebca77;

/** A place in `recent`: any function of the text does, this one is cheap. */
function placeOf(b: Uint8Array, from: number, until: number): number {
  const ends = b[from]! * 7 + b[until - 1]! * 61;
  return (ends + b[(from + until) >> 1]! * 31 + (until - from)) & (RECENT - 1);
}

function mix(key0: number, key1: number, length: number): number {
  let h = Math.imul(key0, C1) ^ Math.imul(key1 + length, C2);
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
  /** Seat i is key, key, length and code + 1 (0 where free). */
  private seats = new Int32Array(4 * 256);
  private mask = 255;
  /** Codes of long texts met lately, by a few of their bytes: most columns repeat few values. */
  private readonly recent = new Int32Array(RECENT).fill(NONE);
  /** A text with its prefix. */
  private scratch = new Uint8Array(256);
  private key0 = 0;
  private key1 = 0;
  // Of a block of texts.
  private readonly keys0 = new Int32Array(BLOCK);
  private readonly keys1 = new Int32Array(BLOCK);
  private readonly homes = new Int32Array(BLOCK);
  private touched = 0;

  intern(store: TextStore, source: Uint8Array, from: number, until: number): number {
    if (until - from <= KEY_BYTES) {
      this.shortKey(source, from, until);
      const home = mix(this.key0, this.key1, until - from);
      return this.find(store, home, this.key0, this.key1, source, from, until);
    }
    const place = placeOf(source, from, until);
    const guess = this.recent[place]!;
    if (guess >= 0 && store.is(guess, source, from, until)) return guess;
    this.longKey(source, from, until);
    const home = mix(this.key0, this.key1, until - from);
    const code = this.find(store, home, this.key0, this.key1, source, from, until);
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
    for (let from = 0; from < count; from += BLOCK) {
      const until = Math.min(count, from + BLOCK);
      this.touch(source, starts, ends, from, until, prefix);
      this.findBlock(store, source, starts, ends, from, until, codes, prefix);
    }
  }

  clear(): void {
    this.seats.fill(0);
    this.recent.fill(NONE);
  }

  /** Works out the keys of texts [from, until) and reads the places they lead to. */
  private touch(
    source: Uint8Array,
    starts: Int32Array,
    ends: Int32Array,
    from: number,
    until: number,
    prefix: number,
  ): void {
    const { keys0, keys1, homes, seats, mask } = this;
    const more = prefix === 0 ? 0 : 1;
    for (let e = from; e < until; e++) {
      const [start, end] = [starts[e]!, ends[e]!];
      const length = end - start + more;
      if (length <= KEY_BYTES) this.shortKey(source, start, end);
      else if (prefix === 0) this.longKey(source, start, end);
      else this.longKey(this.prefixed(source, start, end, prefix), 0, length);
      let { key0, key1 } = this;
      if (length <= KEY_BYTES && prefix !== 0) {
        key1 = (key1 << 8) | (key0 >>> 24);
        key0 = (key0 << 8) | prefix;
      }
      keys0[e - from] = key0;
      keys1[e - from] = key1;
      homes[e - from] = mix(key0, key1, length);
    }
    let touched = 0;
    for (let i = 0; i < until - from; i++) touched ^= seats[4 * (homes[i]! & mask)]!;
    // Kept, so that the reads are not optimised away.
    this.touched = touched;
  }

  private findBlock(
    store: TextStore,
    source: Uint8Array,
    starts: Int32Array,
    ends: Int32Array,
    from: number,
    until: number,
    codes: Int32Array,
    prefix: number,
  ): void {
    const { keys0, keys1, homes } = this;
    const more = prefix === 0 ? 0 : 1;
    for (let e = from; e < until; e++) {
      const [start, end] = [starts[e]!, ends[e]!];
      const [key0, key1, home] = [keys0[e - from]!, keys1[e - from]!, homes[e - from]!];
      const length = end - start + more;
      if (length <= KEY_BYTES) {
        const { seats, mask } = this;
        let seat = 4 * (home & mask);
        let code = seats[seat + 3]!;
        while (code !== 0) {
          if (seats[seat] === key0 && seats[seat + 1] === key1 && seats[seat + 2] === length) break;
          seat = (seat + 4) & (4 * mask + 3);
          code = seats[seat + 3]!;
        }
        if (code !== 0) {
          codes[e] = code - 1;
          continue;
        }
      }
      if (prefix === 0) codes[e] = this.find(store, home, key0, key1, source, start, end);
      else {
        const text = this.prefixed(source, start, end, prefix);
        codes[e] = this.find(store, home, key0, key1, text, 0, length);
      }
    }
  }

  private prefixed(source: Uint8Array, from: number, until: number, prefix: number): Uint8Array {
    const length = until - from + 1;
    if (this.scratch.length < length) this.scratch = new Uint8Array(2 * length);
    const { scratch } = this;
    scratch[0] = prefix;
    for (let i = from, j = 1; i < until; i++, j++) scratch[j] = source[i]!;
    return scratch;
  }

  private shortKey(b: Uint8Array, from: number, until: number): void {
    this.key0 = word(b, from, until);
    this.key1 = until - from > 4 ? word(b, from + 4, until) : 0;
  }

  private longKey(b: Uint8Array, from: number, until: number): void {
    let h0 = until - from;
    let h1 = C1;
    for (let i = from; i < until; i += 4) {
      const w = word(b, i, until);
      h0 = Math.imul(h0 ^ w, C1);
      h0 ^= h0 >>> 15;
      h1 = Math.imul(((h1 << 13) | (h1 >>> 19)) ^ w, C2);
    }
    this.key0 = h0;
    this.key1 = h1 ^ (h1 >>> 16);
  }

  private find(
    store: TextStore,
    home: number,
    key0: number,
    key1: number,
    source: Uint8Array,
    from: number,
    until: number,
  ): number {
    const { seats, mask } = this;
    const length = until - from;
    for (let i = home & mask; ; i = (i + 1) & mask) {
      const seat = 4 * i;
      const code = seats[seat + 3]! - 1;
      if (code < 0) return this.add(store, seat, key0, key1, source, from, until);
      if (seats[seat] !== key0 || seats[seat + 1] !== key1 || seats[seat + 2] !== length) continue;
      if (length <= KEY_BYTES || store.is(code, source, from, until)) return code;
    }
  }

  private add(
    store: TextStore,
    seat: number,
    key0: number,
    key1: number,
    source: Uint8Array,
    from: number,
    until: number,
  ): number {
    const { seats } = this;
    const code = store.add(source, from, until);
    seats[seat] = key0;
    seats[seat + 1] = key1;
    seats[seat + 2] = until - from;
    seats[seat + 3] = code + 1;
    if (store.size * 8 > this.mask * 5) this.widen();
    return code;
  }

  private widen(): void {
    const before = this.seats;
    this.mask = this.mask * 2 + 1;
    const { mask } = this;
    const seats = new Int32Array(4 * (mask + 1));
    for (let at = 0; at < before.length; at += 4) {
      if (before[at + 3] === 0) continue;
      let i = mix(before[at]!, before[at + 1]!, before[at + 2]!) & mask;
      while (seats[4 * i + 3] !== 0) i = (i + 1) & mask;
      for (let k = 0; k < 4; k++) seats[4 * i + k] = before[at + k]!;
    }
    this.seats = seats;
  }
}
