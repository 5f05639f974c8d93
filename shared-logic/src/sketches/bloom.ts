// A blocked Bloom filter over 128-bit hashes (Bloom 1970; Putze, Sanders, Singler, "Cache-, hash- and
// space-efficient Bloom filters", 2007): all bits of an id lie in one block of 512, so that asking and
// adding touch one place of memory. No false negatives. Full, at most 2 of 10,000 ids that were never added
// are taken for known. Never forgets; generations of it do. Ids come many at a time: one's wait for memory
// then overlaps with the next one's.

const BLOCK_WORDS = 16;
const BLOCK_BITS = 32 * BLOCK_WORDS;
/**
 * With 9 bits an id and 22 bits of room for it, a block's load being Poisson with mean 512/22, the sum of
 * P(load) · (1 − (1 − 1/512)^(9 · load))^9 is 1.3e-4.
 */
const BITS_PER_ID = 22;
/** Of a full filter. */
export const BLOOM_FALSE_POSITIVES = 0.0002;

export class Bloom {
  readonly capacity: number;
  /** Ids added that were not already contained. */
  count = 0;
  readonly words: Uint32Array;
  private readonly blocks: number;

  constructor(capacity: number, words?: Uint32Array, count = 0) {
    this.capacity = capacity;
    this.blocks = Math.ceil((capacity * BITS_PER_ID) / BLOCK_BITS);
    this.words = words ?? new Uint32Array(this.blocks * BLOCK_WORDS);
    this.count = count;
  }

  get sizeBytes(): number {
    return this.words.byteLength;
  }

  /**
   * Where ids 0 … n − 1 lie in any filter of this capacity: id i is lanes[4 · i] … [4 · i + 3], its probe
   * probes[4 · i] … [4 · i + 3].
   */
  probe(lanes: Uint32Array, n: number, probes: Int32Array): void {
    const { blocks } = this;
    for (let i = 0; i < n; i++) {
      const [c, d] = [lanes[4 * i + 2]!, lanes[4 * i + 3]!];
      probes[4 * i] = blockOf(lanes[4 * i]!, lanes[4 * i + 1]!, blocks);
      // Three times three positions of nine bits: of c, of d, and of both mixed.
      probes[4 * i + 1] = c;
      probes[4 * i + 2] = d;
      probes[4 * i + 3] = mixed(c, d);
    }
  }

  /** Sets `known[i]` where id i may be contained, for i in [from, until). */
  mark(probes: Int32Array, from: number, until: number, known: Uint8Array): void {
    const { words } = this;
    for (let i = from; i < until; i++) {
      const at = probes[4 * i]!;
      const first = holds(words, at, probes[4 * i + 1]!);
      if (first && holds(words, at, probes[4 * i + 2]!) && holds(words, at, probes[4 * i + 3]!))
        known[i] = 1;
    }
  }

  /** Adds ids [from, until) in order; sets `known[i]` where id i was contained. */
  addAll(probes: Int32Array, from: number, until: number, known: Uint8Array): void {
    const { words } = this;
    let { count } = this;
    for (let i = from; i < until; i++) {
      const at = probes[4 * i]!;
      const missing =
        raise(words, at, probes[4 * i + 1]!) |
        raise(words, at, probes[4 * i + 2]!) |
        raise(words, at, probes[4 * i + 3]!);
      if (missing === 0) known[i] = 1;
      else count++;
    }
    this.count = count;
  }
}

/** Index of the first word of an id's block. */
function blockOf(a: number, b: number, blocks: number): number {
  const h = (a ^ Math.imul(b, 0x9e3779b1)) >>> 0;
  return Math.floor((h / 4294967296) * blocks) * BLOCK_WORDS;
}

/** Whether the three positions, of nine bits each, that `h` names in a block are set. */
function holds(words: Uint32Array, at: number, h: number): boolean {
  return (
    (words[at + (h >>> 28)]! & (1 << (h >>> 23))) !== 0 &&
    (words[at + ((h >>> 19) & 15)]! & (1 << (h >>> 14))) !== 0 &&
    (words[at + ((h >>> 10) & 15)]! & (1 << (h >>> 5))) !== 0
  );
}

/** Sets the three positions; not 0 where one was not set. */
function raise(words: Uint32Array, at: number, h: number): number {
  const [i, j, k] = [at + (h >>> 28), at + ((h >>> 19) & 15), at + ((h >>> 10) & 15)];
  const [x, y, z] = [1 << (h >>> 23), 1 << (h >>> 14), 1 << (h >>> 5)];
  const missing = (~words[i]! & x) | (~words[j]! & y) | (~words[k]! & z);
  words[i]! |= x;
  words[j]! |= y;
  words[k]! |= z;
  return missing;
}

function mixed(c: number, d: number): number {
  const h = Math.imul(c ^ (d >>> 15), 0x85ebca6b) + Math.imul(d, 0xc2b2ae35);
  return h ^ (h >>> 16);
}
