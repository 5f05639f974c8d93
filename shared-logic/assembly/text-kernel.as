// events/text-keys.ts for many texts at once: from a text's bytes to its code, by open addressing over a key of eight
// bytes, the code and the length. Up to eight bytes the key is the text; above it is a hash, and the caller, who has the
// texts, compares. The caller also makes room: at least a quarter of the seats is free for all of a call's texts.

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
const BLOCK: i32 = 256;
const HOMES: i32 = KEYS + 8 * BLOCK;
const TOUCHED: i32 = HOMES + 4 * BLOCK;
/** Seats of 16 bytes: key, code + 1 (0 where free), length. */
export const TABLE: i32 = TOUCHED + 64;

const K: u64 = 0x9e3779b97f4a7c15;

/** The highest bits: a table of twice the seats has its texts in the same order. */
@inline
function homeOf(key: u64, length: i32, shift: u64): i32 {
  const h = key ^ (key >> 32) ^ (<u64>length << 56);
  return <i32>((h * K) >> shift);
}

@inline
function keyOf(start: i32, length: i32): u64 {
  if (length <= 8) {
    if (length == 0) return 0;
    return load<u64>(start) & (<u64>-1 >> (<u64>(8 - length) << 3));
  }
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
  for (let first = 0; first < count; first += BLOCK) {
    const n = min(count - first, BLOCK);
    let touched = 0;
    for (let i = 0; i < n; i++) {
      const row = (first + i) << 2;
      const start = load<i32>(STARTS + row) + SOURCE;
      const length = load<i32>(ENDS + row) + SOURCE - start;
      let key: u64;
      if (prefix == 0) key = keyOf(start, length);
      else if (length < 8) {
        const text = length == 0 ? 0 : load<u64>(start) & (<u64>-1 >> (<u64>(8 - length) << 3));
        key = (text << 8) | prefix;
      } else {
        copy(prefix, start, length, out);
        key = keyOf(out, length + 1);
      }
      store<u64>(KEYS + (i << 3), key);
      store<i32>(HOMES + (i << 2), homeOf(key, length + more, shift));
    }
    // A read of each seat, and nothing between them: cache misses overlap.
    for (let i = 0; i < n; i++) touched ^= load<i32>(TABLE + (load<i32>(HOMES + (i << 2)) << 4));
    store<i32>(TOUCHED, touched);
    for (let i = 0; i < n; i++) {
      const row = (first + i) << 2;
      const start = load<i32>(STARTS + row) + SOURCE;
      const length = load<i32>(ENDS + row) + SOURCE - start;
      const key = load<u64>(KEYS + (i << 3));
      let seat = load<i32>(HOMES + (i << 2));
      while (true) {
        const at = TABLE + (seat << 4);
        const code = load<i32>(at + 8) - 1;
        if (code < 0) {
          store<u64>(at, key);
          store<i32>(at + 8, size + fresh + 1);
          store<i32>(at + 12, length + more);
          store<i32>(CODES + row, size + fresh);
          copy(prefix, start, length, out);
          out += length + more;
          store<i32>(NEW_ENDS + (fresh << 2), out - NEW_BYTES);
          fresh++;
          break;
        }
        if (load<u64>(at) == key && load<i32>(at + 12) == length + more) {
          store<i32>(CODES + row, code);
          if (length + more > 8) store<i32>(CHECKS + (checks++ << 2), first + i);
          break;
        }
        seat = (seat + 1) & mask;
      }
    }
  }
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
    const length = load<i32>(from + 12);
    let seat = homeOf(key, length, 63 - bits);
    while (load<i32>(wider + (seat << 4) + 8) != 0) seat = (seat + 1) & widerMask;
    const to = wider + (seat << 4);
    store<u64>(to, key);
    store<i32>(to + 8, code);
    store<i32>(to + 12, length);
  }
  memory.copy(TABLE, wider, seats << 5);
}

/** Forgets all texts. */
export function forget(bits: i32): void {
  memory.fill(TABLE, 0, 16 << bits);
}
