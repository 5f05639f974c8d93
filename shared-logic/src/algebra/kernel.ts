// A kernel holds the states of many cells at once, by slot number, and folds whole columns into them.
// Its one law: folding equals appending the rows one by one, in any order, to each slot's state, and
// `encode` gives the algebra's canonical bytes. A slot never folded encodes as zero.
import type { ByteWriter } from "../codec/byte-writer.ts";
import type { EventColumns } from "../events/event-columns.ts";
import type { PresentContext } from "./algebra.ts";
import type { BlockCells } from "./block-cells.ts";
import type { Estimate } from "./estimate.ts";

export interface Kernel {
  /** Makes slots [0, slots) usable; new ones are zero. Never shrinks. */
  grow(slots: number): void;
  /**
   * For i in [0, n): appends the item of row `rows[i]` to slot `slots[i]`. A row whose item cannot be
   * read (missing, not a number, beyond the scale) adds 1 to `skipped[slots[i]]` instead; these are the
   * rows whose item is undefined. A row that can be read and says nothing (for `distinct`, one without
   * a user) has the item null: it changes no state and is not skipped.
   */
  fold(
    columns: EventColumns,
    rows: Uint32Array,
    slots: Int32Array,
    n: number,
    skipped: Float64Array,
  ): void;
  encode(slot: number): Uint8Array;
  /** Appends what `encode` gives, without an array of its own; where absent, `encode` is asked. */
  write?(slot: number, out: ByteWriter): void;
  /** Appends the cells as a whole block (fold/block.ts); where absent, its states are asked for one by one. */
  writeBlock?(cells: BlockCells, out: ByteWriter): void;
  /** What the algebra's `present` says of the slot's state, without encoding it; where absent, it is asked. */
  present?(slot: number, context: PresentContext): Estimate;
  /**
   * Makes the state of each slot the sum of the states of `finer` at those slots s below `n` for which
   * `slotOf[s]` is it, whatever it was before; `finer` is a kernel made alike. Where absent, rows are folded.
   */
  rollUp?(finer: Kernel, slotOf: Int32Array, n: number): void;
  /** Replaces the slot's state by an encoded one. */
  load(slot: number, state: Uint8Array): void;
  /** The slot is zero again and may be used for another cell. */
  clear(slot: number): void;
}
