// Which bytes do not stand for themselves inside a string (simdjson's first stage: Langdale and Lemire, "Parsing
// gigabytes of JSON per second", 2019), as a bit each; scanner/special-bytes.ts.

import { SPECIALS } from "./memory-layout";

/**
 * Writes what `mark` compares with, each sixteen times the same byte. A compiler that knew these numbers would make each
 * anew where it is used, in three steps.
 */
export function prepareMarks(): void {
  v128.store(SPECIALS, i8x16.splat(0x02));
  v128.store(SPECIALS, i8x16.splat(0x21), 16);
  v128.store(SPECIALS, i8x16.splat(0x5c), 32);
}

/** Not 0 in the places of quotes, backslashes, controls and bytes beyond ASCII; the highest bit tells. */
@inline
function specials(v: v128, two: v128, firstPlain: v128, backslash: v128): v128 {
  // With bit 1 the other way round the quote is 0x20, next to the controls, which stay among themselves; as signed bytes,
  // those of more than seven bits lie below.
  return v128.or(i8x16.lt_s(v128.xor(v, two), firstPlain), i8x16.eq(v, backslash));
}

@inline
function bitsOf(special: v128): u64 {
  return <u64>(<u32>i8x16.bitmask(special));
}

/** A bit for each byte of [from, until), a multiple of 64, to `out`. */
export function mark(from: i32, until: i32, out: i32): void {
  const two = v128.load(SPECIALS);
  const firstPlain = v128.load(SPECIALS, 16);
  const backslash = v128.load(SPECIALS, 32);
  for (; from < until; from += 64, out += 8) {
    const a = specials(v128.load(from), two, firstPlain, backslash);
    const b = specials(v128.load(from, 16), two, firstPlain, backslash);
    const c = specials(v128.load(from, 32), two, firstPlain, backslash);
    const d = specials(v128.load(from, 48), two, firstPlain, backslash);
    const low = bitsOf(a) | (bitsOf(b) << 16);
    const high = bitsOf(c) | (bitsOf(d) << 16);
    store<u64>(out, low | (high << 32));
  }
}
