// From event ids to small numbers, for ids that are UUIDs as most writers write them: 36 characters, small letters. Their
// 128 bits are all there is to such a text, so the text is not kept: equal bits are equal texts. The
// caller numbers other ids himself, and makes room: at least a quarter of the seats is free for all of a call's texts.

import { findPacked } from "./packed";

/** Texts at a time, and bytes of them. */
export const ROWS: i32 = 2048;
export const SOURCE_BYTES: i32 = 98304;
/** Where each text stands in SOURCE, -1 where there is none; i32. */
export const STARTS: i32 = 64;
export const ENDS: i32 = STARTS + 4 * ROWS;
/** Their numbers, or OTHER. */
export const CODES: i32 = ENDS + 4 * ROWS;
/** How many of them are OTHER. */
export const OTHER_COUNT: i32 = CODES + 4 * ROWS;
export const SOURCE: i32 = OTHER_COUNT + 64;
const BLOCK: i32 = 256;
const KEYS: i32 = SOURCE + SOURCE_BYTES;
const HASHES: i32 = KEYS + 16 * BLOCK;
const TOUCHED: i32 = HASHES + 4 * BLOCK;
/** Five times 16 bytes that are the same, and two that tell of dashes: what stands in memory is loaded once, what stands in code is made for each use. */
const SPLATS: i32 = TOUCHED + 64;
/**
 * For each number of seats a table, behind those of fewer seats and on bytes that nothing was written to yet, so that
 * nothing is wiped or copied back; then the bits of the ids that there is room for since then, 16 bytes a number. Eight
 * seats are a cache line: the hashes' highest 32 bits (0 where free, which the last ones are), then the numbers. An
 * id is in the first line from its own on that has room: all seats of a line are looked at at once, and what an id is
 * takes no branch that goes now one way and now the other.
 */
export const TABLE: i32 = SPLATS + 128;
export const FIRST_BITS: i32 = 13;
/** Seats of a line. */
const LINE: i32 = 8;
const LINE_BYTES: i32 = 64;
/** Three quarters of the seats. */
const FIRST_IDS: i32 = 6144;

/** Neither a UUID nor nothing; the one of zeros too, whose bits mean that there is none. */
const OTHER: i32 = -2;
const NO_TEXT: i32 = -1;
const DASH: i32 = 45;

const K: u64 = 0x9e3779b97f4a7c15;

/** Where the table of so many seats begins, and the one before ends with its ids. */
export function tableOf(bits: i32): i32 {
  return bits == FIRST_BITS ? TABLE : TABLE + 14 * (1 << bits) - (8 << FIRST_BITS);
}

/** The seats of the line at `at` that hold this hash, or are free where it is 0: a bit each. */
@inline
function seatsOf(low: v128, high: v128, hash: v128): i32 {
  return i32x4.bitmask(i32x4.eq(low, hash)) | (i32x4.bitmask(i32x4.eq(high, hash)) << 4);
}

/** Takes a seat of the line at `at`. */
@inline
function take(at: i32, seat: i32, hash: u32, number: i32): void {
  store<u32>(at + (seat << 2), hash);
  store<i32>(at + 32 + (seat << 2), number);
}

/** Where the bits of an id stand. */
@inline
function bitsAt(number: i32): i32 {
  const times = <u32>number / FIRST_IDS;
  if (times == 0) return TABLE + (8 << FIRST_BITS) + (number << 4);
  const more = 31 - clz<i32>(<i32>times);
  const bits = FIRST_BITS + 1 + more;
  return tableOf(bits) + (8 << bits) + ((number - (FIRST_IDS << more)) << 4);
}

/** How many ids' bits follow one another from this one on. */
@inline
function together(number: i32): i32 {
  const times = <u32>number / FIRST_IDS;
  return (times == 0 ? FIRST_IDS : FIRST_IDS << (32 - clz<i32>(<i32>times))) - number;
}

/** Its highest bits are the line: a table of twice the seats has its texts in the same order. Never 0. */
@inline
function hashOf(a: u64, b: u64): u32 {
  const h = (a ^ (a >> 32)) * K;
  const g = (b ^ (h >> 29) ^ h) * K;
  return <u32>(((g ^ (g >> 32)) * K) >> 32) | 1;
}

/** What `digitsOf` asks for. */
function layOutSplats(): void {
  v128.store(SPLATS, i8x16.splat(-58));
  v128.store(SPLATS + 16, i8x16.splat(6));
  v128.store(SPLATS + 32, i8x16.splat(-16));
  v128.store(SPLATS + 48, i8x16.splat(97));
  v128.store(SPLATS + 64, i8x16.splat(10));
  for (let i = 0; i < 16; i += 5) {
    store<u8>(SPLATS + 80 + i, DASH);
    store<u8>(SPLATS + 96 + i, 255);
  }
}

/**
 * What each character is worth as a digit of base 16, and more than 15 where it is none: 48 to 57 come to lie at the upper end of
 * a byte, what is no digit below, and small letters at its lower end, what is none above.
 */
@inline
function digitsOf(v: v128, up: v128, six: v128, high: v128, a: v128, ten: v128): v128 {
  const digits = i8x16.sub(i8x16.sub_sat_u(i8x16.add(v, up), six), high);
  return i8x16.min_u(digits, i8x16.add_sat_u(i8x16.sub(v, a), ten));
}

/** Finds packed texts in the first bytes of SOURCE, `most` at most, each of `every` bytes unless that is -1; how many. */
export function find(sizeBytes: i32, most: i32, every: i32): i32 {
  return findPacked(SOURCE, sizeBytes, most, every, STARTS, ENDS);
}

/** Of texts `first` on: their bits, zeros where one is no UUID, to KEYS and the hashes of these to HASHES. */
function readBits(first: i32, n: i32): void {
  const up = v128.load(SPLATS);
  const six = v128.load(SPLATS + 16);
  const high = v128.load(SPLATS + 32);
  const a = v128.load(SPLATS + 48);
  const ten = v128.load(SPLATS + 64);
  const dashes = v128.load(SPLATS + 80);
  const places = v128.load(SPLATS + 96);
  for (let i = 0; i < n; i++) {
    const row = (first + i) << 2;
    const at = load<i32>(STARTS + row);
    let key = i64x2.splat(0);
    if (at >= 0 && load<i32>(ENDS + row) - at == 36) {
      const start = SOURCE + at;
      // In an order of their own: shuffles of bytes cost more than loads beside the dashes.
      const b = v128.load32_lane(start + 9, v128.load64_zero(start), 2);
      const d = v128.load32_lane(start + 19, v128.load64_zero(start + 24), 2);
      const highs = digitsOf(v128.load32_lane(start + 14, b, 3), up, six, high, a, ten);
      const lows = digitsOf(v128.load32_lane(start + 32, d, 3), up, six, high, a, ten);
      // The dashes lie five bytes apart, the last one in the last byte of these.
      const noDash = v128.and(v128.xor(v128.load(start + 8), dashes), places);
      const noHex = v128.and(v128.or(highs, lows), high);
      if (!v128.any_true(v128.or(noDash, noHex))) key = v128.or(i16x8.shl(highs, 4), lows);
    }
    v128.store(KEYS + (i << 4), key);
    const hash = hashOf(i64x2.extract_lane(key, 0), i64x2.extract_lane(key, 1));
    store<u32>(HASHES + (i << 2), hash);
  }
}

/** The number of the id (a, b), which may stand in the line at `line` and those behind it; `next` where it is new. */
@inline
function numberOf(line: i32, hash: u32, a: u64, b: u64, next: i32, table: i32, sizeBytes: i32): i32 {
  const wanted = i32x4.splat(hash);
  let at = line;
  while (true) {
    const low = v128.load(at);
    const high = v128.load(at + 16);
    let alike = seatsOf(low, high, wanted);
    while (alike != 0) {
      const number = load<i32>(at + 32 + (<i32>ctz(alike) << 2));
      const known = bitsAt(number);
      if (load<u64>(known) == a && load<u64>(known + 8) == b) return number;
      alike &= alike - 1;
    }
    const free = seatsOf(low, high, i32x4.splat(0));
    if (free != 0) {
      take(at, ctz(free), hash, next);
      return next;
    }
    at = table + ((at - table + LINE_BYTES) & (sizeBytes - 1));
  }
}

/** CODES of `count` texts; a new one gets the next of the numbers from `size` on. How many are new. */
export function number(count: i32, size: i32, bits: i32): i32 {
  const shift = 35 - bits;
  const sizeBytes = 8 << bits;
  const table = tableOf(bits);
  let next = size;
  let others = 0;
  let to = bitsAt(next);
  let room = together(next);
  layOutSplats();
  for (let first = 0; first < count; first += BLOCK) {
    const n = min(count - first, BLOCK);
    let touched = 0;
    readBits(first, n);
    // A read of each line, and nothing between them: cache misses overlap.
    for (let i = 0; i < n; i++) {
      touched ^= load<i32>(table + (<i32>(load<u32>(HASHES + (i << 2)) >> shift) << 6));
    }
    store<i32>(TOUCHED, touched);
    for (let i = 0; i < n; i++) {
      const row = (first + i) << 2;
      const a = load<u64>(KEYS + (i << 4));
      const b = load<u64>(KEYS + (i << 4) + 8);
      if ((a | b) == 0) {
        const isOther = load<i32>(STARTS + row) >= 0;
        store<i32>(CODES + row, isOther ? OTHER : NO_TEXT);
        others += <i32>isOther;
        continue;
      }
      const hash = load<u32>(HASHES + (i << 2));
      const line = table + (<i32>(hash >> shift) << 6);
      const number = numberOf(line, hash, a, b, next, table, sizeBytes);
      store<i32>(CODES + row, number);
      if (number != next) continue;
      store<u64>(to, a);
      store<u64>(to + 8, b);
      next++;
      to += 16;
      if (--room == 0) {
        to = bitsAt(next);
        room = together(next);
      }
    }
  }
  store<i32>(OTHER_COUNT, others);
  return next - size;
}

/** Frees the seats of the table of so many. */
export function forget(bits: i32): void {
  memory.fill(tableOf(bits), 0, 8 << bits);
}

/** How many seats of the line at `at` are taken. */
@inline
function takenOf(at: i32): i32 {
  return ctz(seatsOf(v128.load(at), v128.load(at + 16), i32x4.splat(0)) | (1 << LINE));
}

/** Twice as many seats; there is room for the wider table. */
export function widen(bits: i32): void {
  const wider = tableOf(bits + 1);
  const sizeBytes = 16 << bits;
  const shift = 34 - bits;
  const from = tableOf(bits);
  for (let line = from; line < from + (8 << bits); line += LINE_BYTES) {
    const taken = takenOf(line);
    for (let k = 0; k < taken; k++) {
      const hash = load<u32>(line + (k << 2));
      let at = <i32>(hash >> shift) << 6;
      let seat = takenOf(wider + at);
      while (seat == LINE) {
        at = (at + LINE_BYTES) & (sizeBytes - 1);
        seat = takenOf(wider + at);
      }
      take(wider + at, seat, hash, load<i32>(line + 32 + (k << 2)));
    }
  }
}
