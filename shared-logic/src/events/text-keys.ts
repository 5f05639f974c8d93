// From a text's bytes to its code: open addressing over eight bytes of key, the length and the code side
// by side, so that a look-up touches one place. Up to eight bytes the key is the text itself, and nothing
// more is compared; above, it is a hash, and the store's bytes decide. Many texts are looked up block by
// block, first their keys and a read of the places they lead to: cache misses then overlap.
import type { TextSlices } from "./text-slices.ts";
import type { TextStore } from "./text-store.ts";

const KEY_BYTES = 8;
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
  /** Codes of texts met lately, by a few of their bytes: most columns repeat few values. */
  private readonly recent = new Int32Array(RECENT).fill(NONE);
  private key0 = 0;
  private key1 = 0;
  // Of a block of texts.
  private readonly keys0 = new Int32Array(BLOCK);
  private readonly keys1 = new Int32Array(BLOCK);
  private readonly homes = new Int32Array(BLOCK);
  private touched = 0;

  intern(store: TextStore, source: Uint8Array, from: number, until: number): number {
    const place = placeOf(source, from, until);
    const guess = this.recent[place]!;
    if (guess >= 0 && store.is(guess, source, from, until)) return guess;
    this.keyOf(source, from, until, 0);
    const { key0, key1 } = this;
    const home = mix(key0, key1, until - from);
    const code = this.find(store, home, key0, key1, source, from, until, 0);
    this.recent[place] = code;
    return code;
  }

  /** See Interner.internAll. */
  internAll(
    store: TextStore,
    { bytes: source, starts, ends }: TextSlices,
    count: number,
    codes: Int32Array,
    prefix: number,
  ): void {
    const { keys0, keys1, homes } = this;
    const more = prefix === 0 ? 0 : 1;
    for (let first = 0; first < count; first += BLOCK) {
      const n = Math.min(count - first, BLOCK);
      for (let i = 0; i < n; i++) {
        const [from, until] = [starts[first + i]!, ends[first + i]!];
        this.keyOf(source, from, until, prefix);
        keys0[i] = this.key0;
        keys1[i] = this.key1;
        homes[i] = mix(this.key0, this.key1, until - from + more);
      }
      this.touch(n);
      for (let i = 0; i < n; i++) {
        const [from, until] = [starts[first + i]!, ends[first + i]!];
        codes[first + i] = this.find(
          store,
          homes[i]!,
          keys0[i]!,
          keys1[i]!,
          source,
          from,
          until,
          prefix,
        );
      }
    }
  }

  clear(): void {
    this.seats.fill(0);
    this.recent.fill(NONE);
  }

  /** Reads the places that the first `n` homes are. */
  private touch(n: number): void {
    const { homes, seats, mask } = this;
    let touched = 0;
    for (let i = 0; i < n; i++) touched ^= seats[4 * (homes[i]! & mask)]!;
    // Kept, so that the reads are not optimised away.
    this.touched = touched ^ this.touched;
  }

  private keyOf(b: Uint8Array, from: number, until: number, prefix: number): void {
    const length = until - from + (prefix === 0 ? 0 : 1);
    if (length <= KEY_BYTES) {
      const low = word(b, from, until);
      const high = until - from > 4 ? word(b, from + 4, until) : 0;
      this.key0 = prefix === 0 ? low : (low << 8) | prefix;
      this.key1 = prefix === 0 ? high : (high << 8) | (low >>> 24);
      return;
    }
    let h0 = C1;
    let h1 = length;
    let i = from;
    if (prefix !== 0) {
      // Words are counted from the prefix on: it makes no difference where it stands.
      const w = prefix | (word(b, from, from + 3) << 8);
      h0 = step0(h0, w);
      h1 = step1(h1, w);
      i += 3;
    }
    for (; i < until; i += 4) {
      const w = word(b, i, until);
      h0 = step0(h0, w);
      h1 = step1(h1, w);
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
    prefix: number,
  ): number {
    const { seats, mask } = this;
    const length = until - from + (prefix === 0 ? 0 : 1);
    for (let i = home & mask; ; i = (i + 1) & mask) {
      const code = seats[4 * i + 3]! - 1;
      if (code < 0) return this.add(store, 4 * i, key0, key1, source, from, until, prefix);
      if (seats[4 * i] !== key0 || seats[4 * i + 1] !== key1 || seats[4 * i + 2] !== length)
        continue;
      if (length <= KEY_BYTES || store.is(code, source, from, until, prefix)) return code;
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
    prefix: number,
  ): number {
    const { seats } = this;
    const code = store.add(source, from, until, prefix);
    seats[seat] = key0;
    seats[seat + 1] = key1;
    seats[seat + 2] = until - from + (prefix === 0 ? 0 : 1);
    seats[seat + 3] = code + 1;
    if (store.size * 4 > this.mask * 3) this.widen();
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

const step0 = (h: number, w: number): number => {
  const x = Math.imul(h ^ w, C1);
  return x ^ (x >>> 15);
};
const step1 = (h: number, w: number): number => Math.imul(((h << 13) | (h >>> 19)) ^ w, C2);
