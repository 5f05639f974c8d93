// The bytes that texts stand in, and what was found of rows by slot.
import { specials } from "./mark";
import { ABSENT, PLANE, PLANES, ROWS } from "./memory-layout";

/** Addresses below are memory's, `shift` leads to the caller's positions. */
export let shift: i32 = 0;

export let slotCount: i32 = 0;

/** The region [from, …) of the caller's bytes stands at `at`; some bytes behind it may be read (event-kernel.ts). */
export function region(at: i32, from: i32, slots: i32): void {
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

/** As `specials` (mark.as) of the 16 bytes at `i`: what is not 0 there does not stand for itself in a string. */
@inline
function specialsAt(i: i32): v128 {
  return specials(v128.load(i));
}

/** The first byte at `i` or behind that does not stand for itself in a string, `until` or more without. */
@inline
export function nextSpecial(i: i32, until: i32): i32 {
  const near = i8x16.bitmask(specialsAt(i));
  return near != 0 ? i + <i32>ctz(near) : farSpecial(i + 16, until);
}

/** Of a long string: 64 bytes a step. */
function farSpecial(from: i32, until: i32): i32 {
  let i = from;
  while (i < until) {
    const a = specialsAt(i);
    const b = specialsAt(i + 16);
    const c = specialsAt(i + 32);
    const d = specialsAt(i + 48);
    if (v128.any_true(v128.or(v128.or(a, b), v128.or(c, d)))) {
      const low = <u64>(<u32>i8x16.bitmask(a)) | (<u64>(<u32>i8x16.bitmask(b)) << 16);
      const high = <u64>(<u32>i8x16.bitmask(c)) | (<u64>(<u32>i8x16.bitmask(d)) << 16);
      return i + <i32>ctz(low | (high << 32));
    }
    i += 64;
  }
  return until;
}

@inline
export function plane(slot: i32): i32 {
  return PLANES + slot * PLANE;
}

/** Rows 0 … count − 1 without values. */
export function empty(count: i32): void {
  for (let s = 0; s < slotCount; s++) {
    memory.fill(plane(s), ABSENT, count);
    memory.fill(plane(s) + 9 * ROWS, 0, count);
  }
}

/** Of a row that `empty` was told of. */
@inline
export function put(slot: i32, row: i32, kind: u8, start: i32, end: i32, escaped: u8): void {
  const at = plane(slot);
  store<u8>(at + row, kind);
  store<i32>(at + ROWS + (row << 2), start - shift);
  store<i32>(at + 5 * ROWS + (row << 2), end - shift);
  if (escaped != 0) store<u8>(at + 9 * ROWS + row, escaped);
}

/** What slot `from` has, as slot `to`, of another kind. */
@inline
export function copySlot(from: i32, to: i32, row: i32, kind: u8): void {
  const there = plane(from);
  const at = plane(to);
  store<u8>(at + row, kind);
  store<i32>(at + ROWS + (row << 2), load<i32>(there + ROWS + (row << 2)));
  store<i32>(at + 5 * ROWS + (row << 2), load<i32>(there + 5 * ROWS + (row << 2)));
  store<u8>(at + 9 * ROWS + row, load<u8>(there + 9 * ROWS + row));
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
