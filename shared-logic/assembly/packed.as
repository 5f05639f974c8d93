// Texts one behind the other, each behind its length in four bytes: how Parquet's plain pages hold them.

/**
 * Where each of the texts that end within [source, source + sizeBytes) stands, from `source` on: to `starts` and `ends`.
 * How many they are, `most` at most; also where a length is none, which ends them.
 */
@inline
export function findPacked(
  source: i32,
  sizeBytes: i32,
  most: i32,
  starts: i32,
  ends: i32,
): i32 {
  let at = 0;
  let n = 0;
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
