// The slots of a tenant's total, from those of the same rows in a grouping set of the same grain: whatever a row's
// group is, beyond the limit too, its cell tells tenant, time and doubt. Blocks and slots get the numbers they would get
// from the rows themselves, and are dirty when these would make them so.
import type { CellIndex } from "./cell-index.ts";

export class TotalSlots {
  private readonly total: CellIndex;
  private readonly finer: CellIndex;
  /** By slot of the finer index, the total's. */
  private slotOf = new Int32Array(64);
  private slots = 0;
  /** By block of the finer index, the total's, -1 where it was not looked for. */
  private blockOf = new Int32Array(64).fill(-1);
  /** Of the finer index: its dirty blocks that were looked at since it was clean. */
  private dirty = 0;
  private cleanings = 0;

  constructor(total: CellIndex, finer: CellIndex) {
    this.total = total;
    this.finer = finer;
  }

  /** After rows were located in the finer index: their slots there to those of the total. */
  translate(slots: Int32Array, n: number, out: Int32Array): void {
    this.followDirty();
    this.followSlots();
    const { slotOf } = this;
    for (let i = 0; i < n; i++) out[i] = slotOf[slots[i]!]!;
  }

  private followDirty(): void {
    const { finer, total } = this;
    if (this.cleanings !== finer.cleanings) this.dirty = 0;
    this.cleanings = finer.cleanings;
    for (; this.dirty < finer.dirtyCount; this.dirty++)
      total.markDirty(this.blockFrom(finer.dirtyBlocks[this.dirty]!));
  }

  private followSlots(): void {
    const { finer, total, slots } = this;
    const { slotCount } = finer;
    if (slotCount === slots) return;
    if (slotCount > this.slotOf.length) {
      const wider = new Int32Array(slotCount * 2);
      wider.set(this.slotOf);
      this.slotOf = wider;
    }
    const { slotOf } = this;
    for (let slot = slots; slot < slotCount; slot++) {
      const at = finer.cellAt(slot);
      const block = Math.floor(at / finer.cells);
      slotOf[slot] = total.slotAt(this.blockFrom(block), at - block * finer.cells);
    }
    this.slots = slotCount;
  }

  private blockFrom(block: number): number {
    if (block >= this.blockOf.length) {
      const wider = new Int32Array(block * 2).fill(-1);
      wider.set(this.blockOf);
      this.blockOf = wider;
    }
    const known = this.blockOf[block]!;
    if (known >= 0) return known;
    const found = this.total.totalOf(this.finer, block);
    this.blockOf[block] = found;
    return found;
  }

  reset(): void {
    this.slots = 0;
    this.dirty = 0;
    this.blockOf.fill(-1);
  }
}
