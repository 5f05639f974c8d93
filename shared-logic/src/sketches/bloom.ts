// A blocked Bloom filter over 128-bit hashes (Bloom 1970; Putze, Sanders, Singler, "Cache-, hash- and
// space-efficient Bloom filters", 2007): all eight bits of an id lie in one block of 512, so that asking and
// adding touch one place of memory. No false negatives; how many ids that were never added are taken for known is
// `bloomFalsePositives`. Never forgets. Ids come many at a time: one's wait for memory then overlaps with the
// next one's.
import { alignedWords } from "./aligned-words.ts";

const BLOCK_WORDS = 16;
const BLOCK_BITS = 32 * BLOCK_WORDS;
const BITS_SET = 8;
/** Ids whose blocks are fetched before the first is looked into. */
const OVERLAPPING = 256;

/** Of each of them: its block. */
const places = new Int32Array(OVERLAPPING);
const firsts = new Int32Array(OVERLAPPING);

/**
 * Share of new ids that a full filter of so many bits an id takes for known: a block's load is Poisson with mean
 * 512 / bits, and of that many ids times eight bits all eight of the new one have to be set.
 */
export function bloomFalsePositives(bitsPerId: number): number {
  const mean = BLOCK_BITS / bitsPerId;
  let [sum, chance] = [0, Math.exp(-mean)];
  for (let load = 1; load < 8 * mean; load++) {
    chance *= mean / load;
    sum += chance * (1 - (1 - 1 / BLOCK_BITS) ** (BITS_SET * load)) ** BITS_SET;
  }
  return sum;
}

export class Bloom {
  readonly capacity: number;
  /** Ids added that were not already contained. */
  count = 0;
  readonly words: Uint32Array;
  private readonly blocks: number;

  /** `words`: those of a filter of this size, which are copied. */
  constructor(capacity: number, bitsPerId: number, words?: Uint32Array, count = 0) {
    this.capacity = capacity;
    this.blocks = Math.ceil((capacity * bitsPerId) / BLOCK_BITS);
    // A block is a cache line.
    this.words = alignedWords(this.blocks * BLOCK_WORDS);
    if (words) this.words.set(words);
    this.count = count;
  }

  get sizeBytes(): number {
    return this.words.byteLength;
  }

  /**
   * Sets `known[i]` where id i may be contained, for each i of `ids[from … until)`; id i is lanes[4 · i] …
   * lanes[4 · i + 3].
   */
  mark(lanes: Uint32Array, ids: Int32Array, from: number, until: number, known: Uint8Array): void {
    const { words } = this;
    for (let start = from; start < until; start += OVERLAPPING) {
      const n = Math.min(OVERLAPPING, until - start);
      this.fetch(lanes, ids, start, n);
      for (let k = 0; k < n; k++) {
        const at = places[k]!;
        const i = ids[start + k]!;
        // Nearly every id that is not contained lacks one of these.
        const c = firstProbe(lanes, i);
        if (missing3(words, at, c) !== 0) continue;
        const d = secondProbe(lanes, i);
        if ((missing3(words, at, d) | missing2(words, at, mixed(c, d))) === 0) known[i] = 1;
      }
    }
  }

  /** Adds each i of `ids[from … until)` in order; sets `known[i]` where it was contained. */
  addAll(
    lanes: Uint32Array,
    ids: Int32Array,
    from: number,
    until: number,
    known: Uint8Array,
  ): void {
    const { words } = this;
    let { count } = this;
    for (let start = from; start < until; start += OVERLAPPING) {
      const n = Math.min(OVERLAPPING, until - start);
      this.fetch(lanes, ids, start, n);
      for (let k = 0; k < n; k++) {
        const at = places[k]!;
        const i = ids[start + k]!;
        const [c, d] = [firstProbe(lanes, i), secondProbe(lanes, i)];
        const missing =
          raise3(words, at, c) | raise3(words, at, d) | raise2(words, at, mixed(c, d));
        if (missing === 0) known[i] = 1;
        else count++;
      }
    }
    this.count = count;
  }

  /** Finds the blocks of `n` ids and asks for a word of each: nothing waits for the answers yet. */
  private fetch(lanes: Uint32Array, ids: Int32Array, start: number, n: number): void {
    const { words, blocks } = this;
    for (let k = 0; k < n; k++) {
      const i = ids[start + k]!;
      places[k] = blockOf(lanes[4 * i]!, lanes[4 * i + 1]!, blocks);
    }
    // So short that the processor runs far ahead of the first answer.
    for (let k = 0; k < n; k++) firsts[k] = words[places[k]!]!;
  }
}

/** Index of the first word of an id's block. */
function blockOf(a: number, b: number, blocks: number): number {
  const h = (a ^ Math.imul(b, 0x9e3779b1)) >>> 0;
  return Math.floor((h / 4294967296) * blocks) * BLOCK_WORDS;
}

// Each names positions in a block, and both together two more. MurmurHash3 gives an id of up to eight bytes the same
// third and fourth lane, one of up to four also the second.
const firstProbe = (lanes: Uint32Array, i: number): number =>
  mixed(lanes[4 * i + 2]! | 0, lanes[4 * i]! | 0);
const secondProbe = (lanes: Uint32Array, i: number): number =>
  mixed(lanes[4 * i + 3]! | 0, ~lanes[4 * i + 1]!);

/** Not 0 where one of the three positions, of nine bits each, that `h` names in a block is not set. */
const missing3 = (words: Uint32Array, at: number, h: number): number =>
  missing2(words, at, h) | (~words[at + ((h >>> 10) & 15)]! & (1 << (h >>> 5)));

const missing2 = (words: Uint32Array, at: number, h: number): number =>
  (~words[at + (h >>> 28)]! & (1 << (h >>> 23))) |
  (~words[at + ((h >>> 19) & 15)]! & (1 << (h >>> 14)));

/** Sets the three positions; not 0 where one was not set. */
function raise3(words: Uint32Array, at: number, h: number): number {
  const k = at + ((h >>> 10) & 15);
  const before = words[k]! | 0;
  words[k] = before | (1 << (h >>> 5));
  return (~before & (1 << (h >>> 5))) | raise2(words, at, h);
}

function raise2(words: Uint32Array, at: number, h: number): number {
  const i = at + (h >>> 28);
  const first = words[i]! | 0;
  words[i] = first | (1 << (h >>> 23));
  const j = at + ((h >>> 19) & 15);
  const second = words[j]! | 0;
  words[j] = second | (1 << (h >>> 14));
  return (~first & (1 << (h >>> 23))) | (~second & (1 << (h >>> 14)));
}

function mixed(c: number, d: number): number {
  const h = Math.imul(c ^ (d >>> 15), 0x85ebca6b) + Math.imul(d, 0xc2b2ae35);
  return h ^ (h >>> 16);
}
