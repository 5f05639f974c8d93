// Very many small sets of sparse HyperLogLog entries in one Uint32Array. A set is an open-addressed block
// of 4, 8, 16, … cells, at most three quarters full, 0 being free (no entry is 0); freed blocks of one
// size form a list through their first cells. An entry's home is said by its highest bits, so that a block is
// nearly in order already when it is to be sorted. Nothing is allocated per set or per entry.

/** Blocks of size class c have 4 · 2^c cells. */
const SMALLEST = 4;
const NONE = -1;
/** An entry's home in a block of size class c is entry >>> (HOME_SHIFT − c). */
const HOME_SHIFT = 30;
/** Where a slot's block starts (NONE without), its size class, and how many entries it has. */
const START = 0;
const CLASS = 1;
const COUNT = 2;

export class EntryArena {
  private cells = new Uint32Array(1024);
  private used = 0;
  private readonly free: number[] = [];
  // Four numbers by slot, so that they share a cache line: START, CLASS, COUNT and a spare.
  private slots = new Int32Array(4 * 64).fill(NONE);

  get sizeBytes(): number {
    return this.cells.byteLength;
  }

  grow(slots: number): void {
    const before = this.slots.length;
    if (4 * slots <= before) return;
    const wider = new Int32Array(Math.max(4 * slots, before * 2)).fill(NONE, before);
    wider.set(this.slots);
    this.slots = wider;
  }

  /**
   * Adds an entry, of 32 bits with or without sign, or raises the rank of the one with its index. Returns how many
   * entries there are.
   */
  add(slot: number, entry: number): number {
    const { slots } = this;
    const at = 4 * slot;
    const start = slots[at + START]!;
    if (start === NONE) return this.addFirst(at, entry);
    const size = slots[at + CLASS]!;
    const mask = (SMALLEST << size) - 1;
    const count = slots[at + COUNT]!;
    const cells = this.cells;
    for (let i = entry >>> (HOME_SHIFT - size); ; i = (i + 1) & mask) {
      const there = cells[start + i]!;
      if (there === 0) {
        // A quarter of the block stays free, so that every probe ends.
        if (4 * (count + 1) > 3 * (mask + 1)) break;
        cells[start + i] = entry;
        slots[at + COUNT] = count + 1;
        return count + 1;
      }
      if (there >>> 6 === entry >>> 6) {
        if ((entry & 63) > (there & 63)) cells[start + i] = entry;
        return count;
      }
    }
    this.widen(at);
    return this.add(slot, entry);
  }

  /** The entries of a slot, as a fresh array in no order. */
  entries(slot: number): Uint32Array {
    const start = this.slots[4 * slot + START]!;
    if (start === NONE) return new Uint32Array(0);
    const out = new Uint32Array(this.slots[4 * slot + COUNT]!);
    const end = start + (SMALLEST << this.slots[4 * slot + CLASS]!);
    for (let i = start, n = 0; i < end; i++) if (this.cells[i] !== 0) out[n++] = this.cells[i]!;
    return out;
  }

  /** Writes the entries of a slot to `into`, ascending; how many there are. */
  sortInto(slot: number, into: Uint32Array): number {
    const { cells } = this;
    const start = this.slots[4 * slot + START]!;
    if (start === NONE) return 0;
    const size = this.slots[4 * slot + CLASS]!;
    const end = start + (SMALLEST << size);
    const shift = HOME_SHIFT - size;
    let n = 0;
    for (let i = start; i < end; i++) {
      const entry = cells[i]!;
      // Those that went on at the block's begin belong behind all others.
      if (entry === 0 || start + (entry >>> shift) > i) continue;
      n = insert(into, n, entry);
    }
    for (let i = start; i < end && cells[i] !== 0; i++) {
      const entry = cells[i]!;
      if (start + (entry >>> shift) > i) n = insert(into, n, entry);
    }
    return n;
  }

  clear(slot: number): void {
    const at = 4 * slot;
    const start = this.slots[at + START]!;
    if (start === NONE) return;
    this.release(start, this.slots[at + CLASS]!);
    this.slots[at + START] = NONE;
  }

  private addFirst(at: number, entry: number): number {
    const start = this.take(0);
    this.slots[at + START] = start;
    this.slots[at + CLASS] = 0;
    this.slots[at + COUNT] = 1;
    this.cells[start + (entry >>> HOME_SHIFT)] = entry;
    return 1;
  }

  /** Moves a slot's entries into a block of twice the size. */
  private widen(at: number): void {
    const start = this.slots[at + START]!;
    const size = this.slots[at + CLASS]!;
    const wider = this.take(size + 1);
    const mask = (SMALLEST << (size + 1)) - 1;
    const cells = this.cells;
    for (let i = start, end = start + (SMALLEST << size); i < end; i++) {
      const entry = cells[i]!;
      if (entry === 0) continue;
      let to = entry >>> (HOME_SHIFT - size - 1);
      while (cells[wider + to] !== 0) to = (to + 1) & mask;
      cells[wider + to] = entry;
    }
    this.release(start, size);
    this.slots[at + START] = wider;
    this.slots[at + CLASS] = size + 1;
  }

  /** A block of zeros. */
  private take(size: number): number {
    const length = SMALLEST << size;
    const head = this.free[size] ?? NONE;
    if (head !== NONE) {
      // The first cell holds the next free block, plus 1.
      this.free[size] = this.cells[head]! - 1;
      this.cells[head] = 0;
      return head;
    }
    const start = this.used;
    this.used += length;
    if (this.used > this.cells.length) {
      const wider = new Uint32Array(Math.max(this.used, this.cells.length * 2));
      wider.set(this.cells);
      this.cells = wider;
    }
    return start;
  }

  private release(start: number, size: number): void {
    this.cells.fill(0, start, start + (SMALLEST << size));
    this.cells[start] = (this.free[size] ?? NONE) + 1;
    this.free[size] = start;
  }
}

/** Inserts into `into[0, n)`, which ascends; n + 1. */
function insert(into: Uint32Array, n: number, entry: number): number {
  let to = n;
  for (; to > 0 && into[to - 1]! > entry; to--) into[to] = into[to - 1]!;
  into[to] = entry;
  return n + 1;
}
