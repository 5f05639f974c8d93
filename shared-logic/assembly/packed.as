// Texts one behind the other: each behind its length in four bytes, as Parquet's plain pages hold them, or all of one length.

/** The lengths stand in front of the texts. */
const IN_FRONT: i32 = -1;

/**
 * Where each of the texts that end within [source, source + sizeBytes) stands, from `source` on: to `starts` and `ends`.
 * How many they are, `most` at most; also where a length is none, which ends them. `every`: the length of each.
 */
@inline
export function findPacked(
  source: i32,
  sizeBytes: i32,
  most: i32,
  every: i32,
  starts: i32,
  ends: i32,
): i32 {
  let at = 0;
  let n = 0;
  if (every != IN_FRONT) {
    for (; n < most && every <= sizeBytes - at; n++) {
      store<i32>(starts + (n << 2), at);
      at += every;
      store<i32>(ends + (n << 2), at);
    }
    return n;
  }
  for (; n < most && at + 4 <= sizeBytes; n++) {
    const length = load<u32>(source + at);
    at += 4;
    if (length > <u32>(sizeBytes - at)) break;
    store<i32>(starts + (n << 2), at);
    at += <i32>length;
    store<i32>(ends + (n << 2), at);
  }
  return n;
}
