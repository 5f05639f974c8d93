// Kafka's default partitioner: 32-bit MurmurHash2, seed 0x9747b28c, as in
// org.apache.kafka.common.utils.Utils.murmur2, so that foreign producers and Tandem agree.

export function murmur2(key: Uint8Array): number {
  const m = 0x5bd1e995;
  const length = key.length;
  let h = 0x9747b28c ^ length;
  const words = length >>> 2;
  for (let i = 0; i < words; i++) {
    const at = i * 4;
    let k = key[at]! | (key[at + 1]! << 8) | (key[at + 2]! << 16) | (key[at + 3]! << 24);
    k = Math.imul(k, m);
    k ^= k >>> 24;
    h = Math.imul(h, m) ^ Math.imul(k, m);
  }
  const tail = words * 4;
  switch (length & 3) {
    case 3:
      h = (h ^ (key[tail + 2]! << 16) ^ (key[tail + 1]! << 8) ^ key[tail]!) | 0;
      h = Math.imul(h, m);
      break;
    case 2:
      h = (h ^ (key[tail + 1]! << 8) ^ key[tail]!) | 0;
      h = Math.imul(h, m);
      break;
    case 1:
      h = Math.imul(h ^ key[tail]!, m);
      break;
  }
  h ^= h >>> 13;
  h = Math.imul(h, m);
  return h ^ (h >>> 15);
}

/** The partition a key goes to: toPositive(murmur2) mod partitions. */
export const partitionOf = (key: Uint8Array, partitions: number): number =>
  (murmur2(key) & 0x7fffffff) % partitions;
