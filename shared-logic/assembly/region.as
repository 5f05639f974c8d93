// The bytes that texts stand in, and what was found of rows by slot.
import { mark, prepareMarks } from "./mark";
import { ABSENT, PLANE, PLANES, ROWS } from "./memory-layout";

/** Addresses below are memory's, `shift` leads to the caller's positions. */
export let shift: i32 = 0;

export let slotCount: i32 = 0;

/** Far fewer than fit the nearest cache: marks and texts are read again soon. */
const MARKED_AT_ONCE: i32 = 2048;

/** The region [from, …) of the caller's bytes stands at `at`; some bytes behind it may be read (event-kernel.ts); their marks, from `words` on. */
export function region(at: i32, from: i32, slots: i32, words: i32): void {
  shift = at - from;
  slotCount = slots;
  marks = words - (at >> 3);
  marked = at;
  regionEnd = words;
  prepareMarks();
}

@inline
export function byte(at: i32): u32 {
  return load<u8>(at);
}

@inline
export function arrayAt(base: i32, i: i32): i32 {
  return load<i32>(base + (i << 2));
}

/** The mark of the byte at `i` is bit i & 7 of the byte at marks + (i >> 3). */
let marks: i32 = 0;
/** Bytes of the region up to here are marked; a multiple of 64. */
let marked: i32 = 0;
let regionEnd: i32 = 0;

/** Marks the bytes up to `until` at least, if there are so many. */
export function markTo(until: i32): void {
  const end = min((until + 63) & ~63, regionEnd);
  if (end <= marked) return;
  mark(marked, end, marks + (marked >> 3));
  marked = end;
}

/** As markTo of as many bytes as a row that ends at `until` needs; more, as the next rows are to follow. */
@inline
export function markRow(until: i32): void {
  if (until > marked) markTo(until + MARKED_AT_ONCE);
}

/** The first byte at `i` or behind that does not stand for itself in a string, `until` or more without; of marked bytes. */
@inline
export function nextSpecial(i: i32, until: i32): i32 {
  const near = load<u64>(marks + (i >> 3)) >> <u64>(<u32>(i & 7));
  return near != 0 ? i + <i32>ctz(near) : farSpecial((i & ~7) + 64, until);
}

/** Of a long string, from a multiple of eight on. */
function farSpecial(from: i32, until: i32): i32 {
  for (let i = from; i < until; i += 64) {
    const found = load<u64>(marks + (i >> 3));
    if (found != 0) return i + <i32>ctz(found);
  }
  return until;
}

/** Rows 0 … count − 1 without values. */
export function empty(count: i32): void {
  for (let s = 0; s < slotCount; s++) {
    const slot = PLANES + s * PLANE;
    memory.fill(slot, ABSENT, count);
    memory.fill(slot + 9 * ROWS, 0, count);
  }
}

/** Of a row that `empty` was told of. A slot is the address of its plane, here and below. */
@inline
export function put(slot: i32, row: i32, kind: u8, start: i32, end: i32): void {
  const from = shift;
  store<u8>(slot + row, kind);
  store<i32>(slot + (row << 2), start - from, ROWS);
  store<i32>(slot + (row << 2), end - from, 5 * ROWS);
}

@inline
export function putStart(slot: i32, row: i32, kind: u8, start: i32): void {
  store<u8>(slot + row, kind);
  store<i32>(slot + (row << 2), start - shift, ROWS);
}

@inline
export function putEnd(slot: i32, row: i32, end: i32): void {
  store<i32>(slot + (row << 2), end - shift, 5 * ROWS);
}

@inline
export function putEscaped(slot: i32, row: i32, escaped: u8): void {
  store<u8>(slot + row, escaped, 9 * ROWS);
}

/** What slot `from` has, as slot `to`, of another kind. */
@inline
export function copySlot(from: i32, to: i32, row: i32, kind: u8): void {
  const there = from + (row << 2);
  const at = to + (row << 2);
  store<u8>(to + row, kind);
  store<i32>(at, load<i32>(there, ROWS), ROWS);
  store<i32>(at, load<i32>(there, 5 * ROWS), 5 * ROWS);
  store<u8>(to + row, load<u8>(from + row, 9 * ROWS), 9 * ROWS);
}

@inline
export function kindOf(slot: i32, row: i32): u8 {
  return load<u8>(slot + row);
}

@inline
export function startOf(slot: i32, row: i32): i32 {
  return load<i32>(slot + (row << 2), ROWS) + shift;
}

@inline
export function endOf(slot: i32, row: i32): i32 {
  return load<i32>(slot + (row << 2), 5 * ROWS) + shift;
}

@inline
export function lengthOf(slot: i32, row: i32): i32 {
  const at = slot + (row << 2);
  return load<i32>(at, 5 * ROWS) - load<i32>(at, ROWS);
}

@inline
export function escapedOf(slot: i32, row: i32): u8 {
  return load<u8>(slot + row, 9 * ROWS);
}
