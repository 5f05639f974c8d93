// Very many small sets of sparse HyperLogLog entries in one Uint32Array. A set is an open-addressed block
// of 4, 8, 16, … cells, at most three quarters full, 0 being free (no entry is 0); freed blocks of one
// size form a list through their first cells. Nothing is allocated per set or per entry.

/** Blocks of size class c have 4 · 2^c cells. */
const SMALLEST = 4;
const NONE = -1;

export class EntryArena {
  private cells = new Uint32Array(1024);
  private used = 0;
  private readonly free: number[] = [];
  // By slot: where its block starts, the size class of that, and how many entries it has.
  private starts = new Int32Array(64).fill(NONE);
  private classes = new Uint8Array(64);
  private counts = new Int32Array(64);

  get sizeBytes(): number {
    return this.cells.byteLength;
  }

  grow(slots: number): void {
    const before = this.starts.length;
    if (slots <= before) return;
    const after = Math.max(slots, before * 2);
    const [starts, classes] = [new Int32Array(after).fill(NONE, before), new Uint8Array(after)];
    const counts = new Int32Array(after);
    starts.set(this.starts);
    classes.set(this.classes);
    counts.set(this.counts);
    [this.starts, this.classes, this.counts] = [starts, classes, counts];
  }

  count(slot: number): number {
    return this.counts[slot]!;
  }

  /** Adds an entry, or raises the rank of the one with its index. Returns how many entries there are. */
  add(slot: number, entry: number): number {
    const start = this.starts[slot]!;
    if (start !== NONE) {
      const mask = (SMALLEST << this.classes[slot]!) - 1;
      const count = this.counts[slot]!;
      const cells = this.cells;
      for (let i = (entry >>> 6) & mask; ; i = (i + 1) & mask) {
        const there = cells[start + i]!;
        if (there === 0) {
          // A quarter of the block stays free, so that every probe ends.
          if (4 * (count + 1) > 3 * (mask + 1)) break;
          cells[start + i] = entry;
          this.counts[slot] = count + 1;
          return count + 1;
        }
        if (there >>> 6 === entry >>> 6) {
          if (entry > there) cells[start + i] = entry;
          return count;
        }
      }
    }
    this.widen(slot);
    return this.add(slot, entry);
  }

  /** The entries of a slot, as a fresh array in no order. */
  entries(slot: number): Uint32Array {
    const out = new Uint32Array(this.counts[slot]!);
    const start = this.starts[slot]!;
    if (start === NONE) return out;
    const end = start + (SMALLEST << this.classes[slot]!);
    for (let i = start, n = 0; i < end; i++) if (this.cells[i] !== 0) out[n++] = this.cells[i]!;
    return out;
  }

  clear(slot: number): void {
    const start = this.starts[slot]!;
    if (start === NONE) return;
    this.release(start, this.classes[slot]!);
    this.starts[slot] = NONE;
    this.counts[slot] = 0;
  }

  private widen(slot: number): void {
    const [start, size] = [this.starts[slot]!, this.classes[slot]!];
    if (start === NONE) {
      this.starts[slot] = this.take(0);
      this.classes[slot] = 0;
      return;
    }
    const wider = this.take(size + 1);
    const mask = (SMALLEST << (size + 1)) - 1;
    const cells = this.cells;
    for (let i = start, end = start + (SMALLEST << size); i < end; i++) {
      const entry = cells[i]!;
      if (entry === 0) continue;
      let at = (entry >>> 6) & mask;
      while (cells[wider + at] !== 0) at = (at + 1) & mask;
      cells[wider + at] = entry;
    }
    this.release(start, size);
    this.starts[slot] = wider;
    this.classes[slot] = size + 1;
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
