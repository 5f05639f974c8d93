// hash/murmur2.ts: Kafka's default partitioner.
import { byte } from "./region";

/** murmur2.ts. */
export function murmur2(from: i32, length: i32): u32 {
  const m: u32 = 0x5bd1e995;
  let h: u32 = 0x9747b28c ^ length;
  let i = from;
  for (const end = from + (length & ~3); i < end; i += 4) {
    let k = load<u32>(i) * m;
    k ^= k >> 24;
    h = (h * m) ^ (k * m);
  }
  const rest = length & 3;
  if (rest == 3) h ^= byte(i + 2) << 16;
  if (rest >= 2) h ^= byte(i + 1) << 8;
  if (rest >= 1) h = (h ^ byte(i)) * m;
  h ^= h >> 13;
  h *= m;
  return h ^ (h >> 15);
}
