// Dense HyperLogLog registers of many slots in one Uint8Array, a page of 2^precision bytes each; freed
// pages are used again.

const NONE = -1;

export class RegisterArena {
  private bytes = new Uint8Array(0);
  private readonly free: number[] = [];
  private pages = 0;
  private readonly size: number;
  private pageOf = new Int32Array(64).fill(NONE);

  constructor(precision: number) {
    this.size = 2 ** precision;
  }

  grow(slots: number): void {
    const before = this.pageOf.length;
    if (slots <= before) return;
    const wider = new Int32Array(Math.max(slots, before * 2)).fill(NONE, before);
    wider.set(this.pageOf);
    this.pageOf = wider;
  }

  has(slot: number): boolean {
    return this.pageOf[slot]! !== NONE;
  }

  raise(slot: number, register: number, rank: number): void {
    const at = this.pageOf[slot]! * this.size + register;
    if (rank > this.bytes[at]!) this.bytes[at] = rank;
  }

  /** The slot's registers, valid until the next `take`. */
  registers(slot: number): Uint8Array {
    const from = this.pageOf[slot]! * this.size;
    return this.bytes.subarray(from, from + this.size);
  }

  /** Gives the slot a page of zeros. */
  take(slot: number): Uint8Array {
    const page = this.free.pop() ?? this.pages++;
    const needed = this.pages * this.size;
    if (needed > this.bytes.length) {
      const wider = new Uint8Array(Math.max(needed, this.bytes.length * 2));
      wider.set(this.bytes);
      this.bytes = wider;
    }
    this.pageOf[slot] = page;
    return this.registers(slot).fill(0);
  }

  clear(slot: number): void {
    const page = this.pageOf[slot]!;
    if (page === NONE) return;
    this.free.push(page);
    this.pageOf[slot] = NONE;
  }
}
