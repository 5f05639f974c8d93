// An open-addressed map from a pair of 32-bit whole numbers to a whole number >= 0. No deletion but
// `clear`; nothing is allocated per entry.

const EMPTY = -1;

export class PairTable {
  size = 0;
  /** Entry i is a, b, its value (EMPTY without) and a spare, so that a look-up touches one place. */
  private entries: Int32Array;
  private mask: number;

  constructor(capacity = 64) {
    this.mask = capacity - 1;
    this.entries = new Int32Array(4 * capacity).fill(EMPTY);
  }

  /** The value of (a, b), or -1. */
  get(a: number, b: number): number {
    const { entries, mask } = this;
    for (let i = mix(a, b) & mask; ; i = (i + 1) & mask) {
      const value = entries[4 * i + 2]!;
      if (value === EMPTY || (entries[4 * i] === a && entries[4 * i + 1] === b)) return value;
    }
  }

  /** Adds a pair that is not there yet. */
  add(a: number, b: number, value: number): void {
    if (this.size * 2 >= this.mask) this.grow();
    const { entries, mask } = this;
    let i = mix(a, b) & mask;
    while (entries[4 * i + 2] !== EMPTY) i = (i + 1) & mask;
    entries[4 * i] = a;
    entries[4 * i + 1] = b;
    entries[4 * i + 2] = value;
    this.size++;
  }

  clear(): void {
    if (this.size > 0) this.entries.fill(EMPTY);
    this.size = 0;
  }

  private grow(): void {
    const before = this.entries;
    const capacity = (this.mask + 1) * 2;
    this.mask = capacity - 1;
    this.entries = new Int32Array(4 * capacity).fill(EMPTY);
    this.size = 0;
    for (let at = 0; at < before.length; at += 4) {
      if (before[at + 2] !== EMPTY) this.add(before[at]!, before[at + 1]!, before[at + 2]!);
    }
  }
}

function mix(a: number, b: number): number {
  let h = Math.imul(a, 0x9e3779b1) ^ Math.imul(b, 0x85ebca77);
  h ^= h >>> 15;
  h = Math.imul(h, 0x2c1b3c6d);
  return h ^ (h >>> 13);
}
