// The bytes that texts stand in, their marks, and what was found of rows by slot.
import { PLANE, PLANES, ROWS } from "./memory-layout";

/** Bytes of the region and its marks; addresses below are memory's, `shift` leads to the caller's positions. */
/** Bytes of the region and its marks; addresses below are memory's, `shift` leads to the caller's positions. */
export let bytesAt: i32 = 0;

let wordsAt: i32 = 0;

export let shift: i32 = 0;

export let slotCount: i32 = 0;

/** The region [from, …) of the caller's bytes stands at `at`, its marks at `marks`. */
export function region(at: i32, marks: i32, from: i32, slots: i32): void {
  bytesAt = at;
  wordsAt = marks;
  shift = at - from;
  slotCount = slots;
}

@inline
export function byte(at: i32): u32 {
  return load<u8>(at);
}

@inline
export function arrayAt(base: i32, i: i32): i32 {
  return load<i32>(base + (i << 2));
}

/** The first marked byte at `i` or behind, `until` or more without. */
@inline
export function nextMarked(i: i32, until: i32): i32 {
  const at = i - bytesAt;
  let w = at >> 6;
  let word = load<u64>(wordsAt + (w << 3)) & (~(<u64>0) << (at & 63));
  const last = until - bytesAt;
  while (word == 0) {
    if (++w << 6 >= last) return until;
    word = load<u64>(wordsAt + (w << 3));
  }
  return bytesAt + (w << 6) + <i32>ctz(word);
}

@inline
export function plane(slot: i32): i32 {
  return PLANES + slot * PLANE;
}

@inline
export function put(slot: i32, row: i32, kind: u8, start: i32, end: i32, escaped: u8): void {
  const at = plane(slot);
  store<u8>(at + row, kind);
  store<i32>(at + ROWS + (row << 2), start - shift);
  store<i32>(at + 5 * ROWS + (row << 2), end - shift);
  store<u8>(at + 9 * ROWS + row, escaped);
}

@inline
export function kindOf(slot: i32, row: i32): u8 {
  return load<u8>(plane(slot) + row);
}

@inline
export function startOf(slot: i32, row: i32): i32 {
  return load<i32>(plane(slot) + ROWS + (row << 2)) + shift;
}

@inline
export function endOf(slot: i32, row: i32): i32 {
  return load<i32>(plane(slot) + 5 * ROWS + (row << 2)) + shift;
}

@inline
export function escapedOf(slot: i32, row: i32): u8 {
  return load<u8>(plane(slot) + 9 * ROWS + row);
}
