// Rows that `takeDirty` gave since `markSaved`, the last of each block, in the order in which blocks came first.
// What it knows of blocks stands in typed arrays, and room for rows is made at once: there are many, and often.
import type { SpeedRow } from "../ports/view-store.ts";

const NONE = -1;

export class TakenRows {
  count = 0;
  /** The first `count`. */
  private rows: (SpeedRow | undefined)[] = [];
  private blocks: Int32Array = new Int32Array(0);
  /** By block, where its row stands. */
  private places: Int32Array = new Int32Array(0);

  /** For so many more rows, of blocks below `blockCount`. */
  makeRoom(more: number, blockCount: number): void {
    const needed = this.count + more;
    if (needed > this.rows.length) {
      const wider = new Array<SpeedRow | undefined>(Math.max(needed, 2 * this.count));
      for (let i = 0; i < this.count; i++) wider[i] = this.rows[i];
      this.rows = wider;
      this.blocks = widen(this.blocks, wider.length, 0);
    }
    if (blockCount > this.places.length) this.places = widen(this.places, 2 * blockCount, NONE);
  }

  /** There must be room. */
  take(block: number, row: SpeedRow): void {
    let place = this.places[block]!;
    if (place === NONE) {
      place = this.count++;
      this.places[block] = place;
      this.blocks[place] = block;
    }
    this.rows[place] = row;
  }

  each(body: (row: SpeedRow) => void): void {
    for (let i = 0; i < this.count; i++) body(this.rows[i]!);
  }

  clear(): void {
    for (let i = 0; i < this.count; i++) {
      this.places[this.blocks[i]!] = NONE;
      this.rows[i] = undefined;
    }
    this.count = 0;
  }
}

function widen(from: Int32Array, n: number, rest: number): Int32Array {
  const wider = new Int32Array(n).fill(rest);
  wider.set(from);
  return wider;
}
