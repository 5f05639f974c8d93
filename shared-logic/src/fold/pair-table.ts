// An open-addressed map from a pair of 32-bit whole numbers to a whole number >= 0. No deletion but
// `clear`; nothing is allocated per entry.

const EMPTY = -1;

export class PairTable {
  size = 0;
  private a: Int32Array;
  private b: Int32Array;
  private values: Int32Array;
  private mask: number;

  constructor(capacity = 64) {
    this.mask = capacity - 1;
    this.a = new Int32Array(capacity);
    this.b = new Int32Array(capacity);
    this.values = new Int32Array(capacity).fill(EMPTY);
  }

  /** The value of (a, b), or -1. */
  get(a: number, b: number): number {
    let i = mix(a, b) & this.mask;
    for (;;) {
      const value = this.values[i]!;
      if (value === EMPTY || (this.a[i] === a && this.b[i] === b)) return value;
      i = (i + 1) & this.mask;
    }
  }

  /** Adds a pair that is not there yet. */
  add(a: number, b: number, value: number): void {
    if (this.size * 2 >= this.mask) this.grow();
    let i = mix(a, b) & this.mask;
    while (this.values[i] !== EMPTY) i = (i + 1) & this.mask;
    this.a[i] = a;
    this.b[i] = b;
    this.values[i] = value;
    this.size++;
  }

  clear(): void {
    if (this.size > 0) this.values.fill(EMPTY);
    this.size = 0;
  }

  private grow(): void {
    const { a, b, values } = this;
    const capacity = (this.mask + 1) * 2;
    this.mask = capacity - 1;
    this.a = new Int32Array(capacity);
    this.b = new Int32Array(capacity);
    this.values = new Int32Array(capacity).fill(EMPTY);
    this.size = 0;
    for (let i = 0; i < values.length; i++) {
      if (values[i] !== EMPTY) this.add(a[i]!, b[i]!, values[i]!);
    }
  }
}

function mix(a: number, b: number): number {
  let h = Math.imul(a, 0x9e3779b1) ^ Math.imul(b, 0x85ebca77);
  h ^= h >>> 15;
  h = Math.imul(h, 0x2c1b3c6d);
  return h ^ (h >>> 13);
}
