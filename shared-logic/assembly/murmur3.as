// hash/murmur3.ts: MurmurHash3_x86_128, seed 0 (Austin Appleby, public domain).
@inline
function fmix(h: u32): u32 {
  let x = h ^ (h >> 16);
  x *= 0x85ebca6b;
  x ^= x >> 13;
  x *= 0xc2b2ae35;
  return x ^ (x >> 16);
}

const C1: u32 = 0x239b961b;

const C2: u32 = 0xab0e9789;

const C3: u32 = 0x38b34ae5;

const C4: u32 = 0xa1e38b93;

/**
 * murmur3.ts: the first two or four lanes of the hash of [from, until) to `out`. The first byte is what stands there xor
 * `flip`: to write it there first would keep the load of eight bytes with it waiting until nothing is left to do before.
 */
export function murmur3(from: i32, until: i32, out: i32, four: bool, flip: u32): void {
  const length = until - from;
  let h1: u32 = 0;
  let h2: u32 = 0;
  let h3: u32 = 0;
  let h4: u32 = 0;
  let i = from;
  let first = flip;
  for (const end = from + (length & ~15); i < end; i += 16) {
    h1 ^= rotl<u32>((load<u32>(i) ^ first) * C1, 15) * C2;
    first = 0;
    h1 = (rotl<u32>(h1, 19) + h2) * 5 + 0x561ccd1b;
    h2 ^= rotl<u32>(load<u32>(i + 4) * C2, 16) * C3;
    h2 = (rotl<u32>(h2, 17) + h3) * 5 + 0x0bcaa747;
    h3 ^= rotl<u32>(load<u32>(i + 8) * C3, 17) * C4;
    h3 = (rotl<u32>(h3, 15) + h4) * 5 + 0x96cd1c35;
    h4 ^= rotl<u32>(load<u32>(i + 12) * C4, 18) * C1;
    h4 = (rotl<u32>(h4, 13) + h1) * 5 + 0x32ac3b17;
  }
  const rest = length & 15;
  if (rest > 0) {
    // Sixteen bytes, those that are not its own as 0: without a branch by length. A lane of 0 changes nothing.
    const lowBits = select<u64>(~(<u64>0), ((<u64>1) << (<u64>rest << 3)) - 1, rest >= 8);
    const highBits = select<u64>(((<u64>1) << (<u64>(rest - 8) << 3)) - 1, 0, rest > 8);
    const low = (load<u64>(i) ^ first) & lowBits;
    const high = load<u64>(i + 8) & highBits;
    h4 ^= rotl<u32>(<u32>(high >> 32) * C4, 18) * C1;
    h3 ^= rotl<u32>(<u32>high * C3, 17) * C4;
    h2 ^= rotl<u32>(<u32>(low >> 32) * C2, 16) * C3;
    h1 ^= rotl<u32>(<u32>low * C1, 15) * C2;
  }
  h1 ^= length;
  h2 ^= length;
  h3 ^= length;
  h4 ^= length;
  h1 += h2 + h3 + h4;
  h2 = fmix(h2 + h1);
  h3 = fmix(h3 + h1);
  h4 = fmix(h4 + h1);
  h1 = fmix(h1);
  h1 += h2 + h3 + h4;
  store<u32>(out, h1);
  store<u32>(out + 4, h2 + h1);
  if (!four) return;
  store<u32>(out + 8, h3 + h1);
  store<u32>(out + 12, h4 + h1);
}
