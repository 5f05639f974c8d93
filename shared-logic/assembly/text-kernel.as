// events/text-keys.ts for many texts at once: from a text's bytes to its code, by open addressing over a key of eight
// bytes, the code and a tail. Up to eleven bytes key and tail are the text, as most ids are with a byte in front; above
// they are a hash and the length, and the caller, who has the texts, compares: two more places that are in no cache.
// The caller also makes room: at least a quarter of the seats is free for all of a call's texts.

import { findPacked } from "./packed";

/** Texts at a time, and bytes of them. */
export const ROWS: i32 = 4096;
export const SOURCE_BYTES: i32 = 65536;
/** Where each text stands in SOURCE; i32. */
export const STARTS: i32 = 64;
export const ENDS: i32 = STARTS + 4 * ROWS;
/** Their codes. */
export const CODES: i32 = ENDS + 4 * ROWS;
/** Texts whose bytes the caller is to compare with those of the code. */
export const CHECKS: i32 = CODES + 4 * ROWS;
/** What `intern` found beside the number of new texts: how many checks. */
export const CHECK_COUNT: i32 = CHECKS + 4 * ROWS;
/** New texts one behind the other, prefixes in front, and where in NEW_BYTES each ends. */
export const NEW_ENDS: i32 = CHECK_COUNT + 64;
export const SOURCE: i32 = NEW_ENDS + 4 * ROWS;
/** Words are read beyond a text's end. */
const SLACK: i32 = 64;
export const NEW_BYTES: i32 = SOURCE + SOURCE_BYTES + SLACK;
const KEYS: i32 = (NEW_BYTES + SOURCE_BYTES + ROWS + SLACK + 63) & ~63;
const TAILS: i32 = KEYS + 8 * ROWS;
const HOMES: i32 = TAILS + 4 * ROWS;
/** A seat is read so many texts before it is needed. Behind the last text's home stand those of earlier ones, or zeros. */
const AHEAD: i32 = 24;
const TOUCHED: i32 = HOMES + 4 * (ROWS + AHEAD);
/** Seats of 16 bytes: key, code + 1 (0 where free), tail. */
export const TABLE: i32 = TOUCHED + 64;

const K: u64 = 0x9e3779b97f4a7c15;

/** Of texts that are their key and tail. */
const SHORT: i32 = 11;
/** In a tail's lowest byte, where that of a short text has its length. */
const LONG: i32 = 255;

/** The highest bits: a table of twice the seats has its texts in the same order. */
@inline
function homeOf(key: u64, tail: i32, shift: u64): i32 {
  const h = key ^ (key >> 32) ^ (<u64>tail * K);
  return <i32>((h * K) >> shift);
}

/** What `keyOf` leaves out, the length too. */
@inline
function tailOf(start: i32, length: i32): i32 {
  if (length <= 8) return length;
  if (length > SHORT) return (length << 8) | LONG;
  // The last four bytes, of which the key has those up to the eighth.
  const last = load<u32>(start + length - 4) >> ((12 - length) << 3);
  return <i32>(last << 8) | length;
}

@inline
function keyOf(start: i32, length: i32): u64 {
  if (length <= 8) {
    if (length == 0) return 0;
    return load<u64>(start) & (<u64>-1 >> (<u64>(8 - length) << 3));
  }
  if (length <= SHORT) return load<u64>(start);
  let h: u64 = length;
  const last = start + length - 8;
  for (let at = start; at < last; at += 8) {
    h = (h ^ load<u64>(at)) * K;
    h ^= h >> 32;
  }
  h = (h ^ load<u64>(last)) * K;
  return h ^ (h >> 29);
}

/** Copies [start, start + length) behind `prefix`, unless that is 0, to `out`, and some bytes more. */
@inline
function copy(prefix: i32, start: i32, length: i32, out: i32): void {
  if (prefix != 0) store<u8>(out, <u8>prefix);
  const to = prefix == 0 ? out : out + 1;
  for (let k = 0; k < length; k += 8) store<u64>(to + k, load<u64>(start + k));
}

/** Finds packed texts in the first bytes of SOURCE, `most` at most, each of `every` bytes unless that is -1; how many. */
export function find(sizeBytes: i32, most: i32, every: i32): i32 {
  return findPacked(SOURCE, sizeBytes, most, every, STARTS, ENDS);
}

/**
 * CODES of the `count` texts of STARTS and ENDS, with `prefix` in front of each unless it is 0; a new one gets the
 * next of the codes from `size` on. How many are new.
 */
export function intern(count: i32, prefix: i32, size: i32, bits: i32): i32 {
  const shift: u64 = 64 - bits;
  const mask = (1 << bits) - 1;
  const more = prefix == 0 ? 0 : 1;
  let out = NEW_BYTES;
  let fresh = 0;
  let checks = 0;
  let touched = 0;
  for (let i = 0; i < count; i++) {
    const start = load<i32>(STARTS + (i << 2)) + SOURCE;
    const length = load<i32>(ENDS + (i << 2)) + SOURCE - start;
    let key: u64;
    if (prefix == 0) key = keyOf(start, length);
    else if (length < SHORT) key = (keyOf(start, min(length, 8)) << 8) | prefix;
    else {
      copy(prefix, start, length, out);
      key = keyOf(out, length + 1);
    }
    const tail = tailOf(start - more, length + more);
    store<u64>(KEYS + (i << 3), key);
    store<i32>(TAILS + (i << 2), tail);
    store<i32>(HOMES + (i << 2), homeOf(key, tail, shift));
  }
  for (let i = 0; i < count; i++) {
    const row = i << 2;
    const key = load<u64>(KEYS + (i << 3));
    const tail = load<i32>(TAILS + row);
    let seat = load<i32>(HOMES + row);
    // Nothing waits for it: cache misses overlap with each other and with the texts before.
    touched ^= load<i32>(TABLE + ((load<i32>(HOMES + row + 4 * AHEAD) & mask) << 4));
    while (true) {
      const at = TABLE + (seat << 4);
      const code = load<i32>(at + 8) - 1;
      if (code < 0) {
        const start = load<i32>(STARTS + row) + SOURCE;
        const length = load<i32>(ENDS + row) + SOURCE - start;
        store<u64>(at, key);
        store<i32>(at + 8, size + fresh + 1);
        store<i32>(at + 12, tail);
        store<i32>(CODES + row, size + fresh);
        copy(prefix, start, length, out);
        out += length + more;
        store<i32>(NEW_ENDS + (fresh << 2), out - NEW_BYTES);
        fresh++;
        break;
      }
      if (load<u64>(at) == key && load<i32>(at + 12) == tail) {
        store<i32>(CODES + row, code);
        if ((tail & 255) == LONG) store<i32>(CHECKS + (checks++ << 2), i);
        break;
      }
      seat = (seat + 1) & mask;
    }
  }
  store<i32>(TOUCHED, touched);
  store<i32>(CHECK_COUNT, checks);
  return fresh;
}

/** Twice as many seats; there is room for three times as many as there were. */
export function widen(bits: i32): void {
  const seats = 1 << bits;
  const wider = TABLE + (seats << 4);
  const widerMask = 2 * seats - 1;
  memory.fill(wider, 0, seats << 5);
  for (let from = TABLE; from < wider; from += 16) {
    const code = load<i32>(from + 8);
    if (code == 0) continue;
    const key = load<u64>(from);
    const tail = load<i32>(from + 12);
    let seat = homeOf(key, tail, 63 - bits);
    while (load<i32>(wider + (seat << 4) + 8) != 0) seat = (seat + 1) & widerMask;
    const to = wider + (seat << 4);
    store<u64>(to, key);
    store<i32>(to + 8, code);
    store<i32>(to + 12, tail);
  }
  memory.copy(TABLE, wider, seats << 5);
}

/** Forgets all texts. */
export function forget(bits: i32): void {
  memory.fill(TABLE, 0, 16 << bits);
}
