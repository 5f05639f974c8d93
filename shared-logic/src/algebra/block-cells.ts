// The cells of one block that are to be written, in order, in arrays that are used again.

/** A block has no more. */
export const BLOCK_CELLS = 60;

export class BlockCells {
  count = 0;
  /** Within the block. */
  readonly numbers = new Int32Array(BLOCK_CELLS);
  readonly slots = new Int32Array(BLOCK_CELLS);
  readonly events = new Float64Array(BLOCK_CELLS);
  readonly skipped = new Float64Array(BLOCK_CELLS);
}
