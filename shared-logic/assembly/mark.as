// First stage: which bytes do not stand for themselves inside a string (simdjson's: Langdale and Lemire, "Parsing
// gigabytes of JSON per second", 2019).

/** A bit for each byte of [from, until), a multiple of 16, to `out`. */
export function mark(from: i32, until: i32, out: i32): void {
  const quote = i8x16.splat(0x22);
  const backslash = i8x16.splat(0x5c);
  const control = i8x16.splat(0x20);
  for (; from < until; from += 16, out += 2) {
    const v = v128.load(from);
    // As signed bytes, those of more than seven bits lie below the controls.
    const special = v128.or(
      v128.or(i8x16.eq(v, quote), i8x16.eq(v, backslash)),
      i8x16.lt_s(v, control),
    );
    store<u16>(out, <u16>i8x16.bitmask(special));
  }
}
