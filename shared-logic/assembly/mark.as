// Which bytes do not stand for themselves inside a string (simdjson's first stage: Langdale and Lemire, "Parsing
// gigabytes of JSON per second", 2019). The twin has them as a bit each, of all bytes; the kernel looks where it stands.

/** Not 0 in the places of quotes, backslashes, controls and bytes beyond ASCII; the highest bit tells. */
@inline
export function specials(v: v128): v128 {
  // As signed bytes, those of more than seven bits lie below the controls.
  return v128.or(
    v128.or(i8x16.eq(v, i8x16.splat(0x22)), i8x16.eq(v, i8x16.splat(0x5c))),
    i8x16.lt_s(v, i8x16.splat(0x20)),
  );
}

/** A bit for each byte of [from, until), a multiple of 16, to `out`. */
export function mark(from: i32, until: i32, out: i32): void {
  for (; from < until; from += 16, out += 2) {
    store<u16>(out, <u16>i8x16.bitmask(specials(v128.load(from))));
  }
}
