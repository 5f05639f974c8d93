// A classic Bloom filter over 128-bit hashes (Bloom 1970; double hashing after Kirsch and
// Mitzenmacher 2006). No false negatives. At `capacity` ids the false positive rate is at most the one
// asked for. Never forgets; generations of it do (sketches/bloom-generations.ts).

export class Bloom {
  readonly capacity: number;
  readonly hashes: number;
  /** Ids added that were not already contained. */
  count = 0;
  readonly words: Uint32Array;
  private readonly bits: number;

  constructor(capacity: number, falsePositives: number, words?: Uint32Array, count = 0) {
    this.capacity = capacity;
    // ln(1/f)/ln(2)^2 bits an id, rounded up to a whole number of words.
    const bitsPerId = Math.log(1 / falsePositives) / (Math.LN2 * Math.LN2);
    this.hashes = Math.max(1, Math.round(bitsPerId * Math.LN2));
    this.bits = Math.max(64, Math.ceil((capacity * bitsPerId * 1.02) / 32) * 32);
    this.words = words ?? new Uint32Array(this.bits / 32);
    this.count = count;
  }

  get sizeBytes(): number {
    return this.words.byteLength;
  }

  has(a: number, b: number, c: number, d: number): boolean {
    for (let i = 0; i < this.hashes; i++) {
      const bit = position(a, b, c, d, i, this.bits);
      if (((this.words[bit >>> 5]! >>> (bit & 31)) & 1) === 0) return false;
    }
    return true;
  }

  /** Adds an id; true where it was not contained before. */
  add(a: number, b: number, c: number, d: number): boolean {
    let fresh = false;
    for (let i = 0; i < this.hashes; i++) {
      const bit = position(a, b, c, d, i, this.bits);
      const word = bit >>> 5;
      const mask = 1 << (bit & 31);
      if ((this.words[word]! & mask) === 0) {
        this.words[word]! |= mask;
        fresh = true;
      }
    }
    if (fresh) this.count++;
    return fresh;
  }
}

/** Lane pairs (a, b) and (c, d) are two hashes of 2 × 32 bits; position i is a 53-bit mix, reduced. */
function position(a: number, b: number, c: number, d: number, i: number, bits: number): number {
  const low = (a + Math.imul(i, c | 1)) >>> 0;
  const high = (b + Math.imul(i, d | 1) + Math.imul(i, i)) >>> 0;
  return Math.floor(((low + (high & 0xfffff) * 4294967296) / 4503599627370496) * bits);
}
