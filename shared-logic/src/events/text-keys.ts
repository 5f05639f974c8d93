// From a text's bytes to its code: open addressing over eight bytes of key and the length, side by side,
// so that a look-up touches one place. Up to eight bytes the key is the text itself, and nothing more is
// compared; above, it is a hash, and the store's bytes decide.
import type { TextStore } from "./text-store.ts";

const EMPTY = -1;
const KEY_BYTES = 8;
const RECENT = 256;
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
  /** Seat i is key, key, length and code (EMPTY without). */
  private seats = new Int32Array(4 * 256).fill(EMPTY);
  private mask = 255;
  /** Codes of long texts met lately, by a few of their bytes: most columns repeat few values. */
  private readonly recent = new Int32Array(RECENT).fill(EMPTY);
  private scratch = new Uint8Array(256);

  intern(store: TextStore, source: Uint8Array, from: number, until: number): number {
    if (until - from <= KEY_BYTES) {
      const key0 = word(source, from, until);
      const key1 = until - from > 4 ? word(source, from + 4, until) : 0;
      return this.find(store, key0, key1, source, from, until);
    }
    const place = placeOf(source, from, until);
    const guess = this.recent[place]!;
    if (guess >= 0 && store.is(guess, source, from, until)) return guess;
    const code = this.findLong(store, source, from, until);
    this.recent[place] = code;
    return code;
  }

  internAll(
    store: TextStore,
    source: Uint8Array,
    starts: Int32Array,
    ends: Int32Array,
    count: number,
    codes: Int32Array,
    prefix: number,
  ): void {
    const shift = prefix === 0 ? 0 : 1;
    for (let e = 0; e < count; e++) {
      const [from, until] = [starts[e]!, ends[e]!];
      const length = until - from + shift;
      if (length > KEY_BYTES) {
        codes[e] =
          prefix === 0
            ? this.findLong(store, source, from, until)
            : this.findPrefixed(store, source, from, until, prefix);
        continue;
      }
      let key0 = word(source, from, until);
      let key1 = until - from > 4 ? word(source, from + 4, until) : 0;
      if (prefix !== 0) {
        key1 = (key1 << 8) | (key0 >>> 24);
        key0 = (key0 << 8) | prefix;
      }
      const { seats, mask } = this;
      let seat = 4 * (mix(key0, key1, length) & mask);
      for (; seats[seat + 3] !== EMPTY; seat = (seat + 4) & (4 * mask + 3)) {
        if (seats[seat] === key0 && seats[seat + 1] === key1 && seats[seat + 2] === length) break;
      }
      let code = seats[seat + 3]!;
      if (code === EMPTY) {
        const { scratch } = this;
        scratch[0] = prefix;
        for (let i = from, j = shift; i < until; i++, j++) scratch[j] = source[i]!;
        code = this.add(store, seat, key0, key1, scratch, 0, length);
      }
      codes[e] = code;
    }
  }

  clear(): void {
    this.seats.fill(EMPTY);
    this.recent.fill(EMPTY);
  }

  private findPrefixed(
    store: TextStore,
    source: Uint8Array,
    from: number,
    until: number,
    prefix: number,
  ): number {
    const length = until - from + 1;
    if (this.scratch.length < length) this.scratch = new Uint8Array(2 * length);
    const { scratch } = this;
    scratch[0] = prefix;
    for (let i = from, j = 1; i < until; i++, j++) scratch[j] = source[i]!;
    return this.findLong(store, scratch, 0, length);
  }

  private findLong(store: TextStore, b: Uint8Array, from: number, until: number): number {
    let h0 = until - from;
    let h1 = C1;
    for (let i = from; i < until; i += 4) {
      const w = word(b, i, until);
      h0 = Math.imul(h0 ^ w, C1);
      h0 ^= h0 >>> 15;
      h1 = Math.imul(((h1 << 13) | (h1 >>> 19)) ^ w, C2);
    }
    return this.find(store, h0, h1 ^ (h1 >>> 16), b, from, until);
  }

  private find(
    store: TextStore,
    key0: number,
    key1: number,
    source: Uint8Array,
    from: number,
    until: number,
  ): number {
    const { seats, mask } = this;
    const length = until - from;
    for (let i = mix(key0, key1, length) & mask; ; i = (i + 1) & mask) {
      const seat = 4 * i;
      const code = seats[seat + 3]!;
      if (code === EMPTY) return this.add(store, seat, key0, key1, source, from, until);
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
    seats[seat + 3] = code;
    if (store.size * 2 > this.mask) this.widen();
    return code;
  }

  private widen(): void {
    const before = this.seats;
    this.mask = this.mask * 2 + 1;
    const { mask } = this;
    const seats = new Int32Array(4 * (mask + 1)).fill(EMPTY);
    for (let at = 0; at < before.length; at += 4) {
      if (before[at + 3] === EMPTY) continue;
      let i = mix(before[at]!, before[at + 1]!, before[at + 2]!) & mask;
      while (seats[4 * i + 3] !== EMPTY) i = (i + 1) & mask;
      for (let k = 0; k < 4; k++) seats[4 * i + k] = before[at + k]!;
    }
    this.seats = seats;
  }
}
