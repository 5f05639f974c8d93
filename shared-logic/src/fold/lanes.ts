// Remembers which block the rows of a tenant and its dimensions' values went to last, by their codes. A
// lane is a combination of codes; most rows of a batch find their block in their lane and nothing else is
// looked up. Only where the combinations are few enough for an array; the caller goes without otherwise.
import type { FieldColumn } from "../events/event-columns.ts";

const NO_CODES = new Int32Array(0);
const MAX_LANES = 1 << 17;
const NO_TIME = -(2 ** 31);
/** Numbers that are remembered of a lane. */
export const LANE = 4;

export class Lanes {
  /** The lane of each row asked for. */
  private ofRow = new Int32Array(0);
  /** Of each lane the newest time and its block, and the same of another time: rows that come late are few. */
  private entries = new Int32Array(0);
  private widths: number[] = [];
  private interners: unknown[] = [];
  private generations: number[] = [];

  /** Times at [LANE · lane] and two behind, each with its block behind it. */
  get blocks(): Int32Array {
    return this.entries;
  }

  /** The lanes of rows [0, n); undefined where there would be too many. */
  of(columns: readonly FieldColumn[], rows: Uint32Array, n: number): Int32Array | undefined {
    // Codes first: they are what fills the interners.
    const codes = columns.map((column) => column.codes());
    const widths = columns.map(({ interner }) => 32 - Math.clz32(interner.size));
    const bits = widths.reduce((sum, width) => sum + width, 0);
    if (1 << Math.min(bits, 30) > MAX_LANES) return undefined;
    const known = columns.every(
      ({ interner }, c) =>
        interner === this.interners[c] &&
        interner.generation === this.generations[c] &&
        widths[c] === this.widths[c],
    );
    if (!known) {
      this.widths = widths;
      this.interners = columns.map((column) => column.interner);
      this.generations = columns.map((column) => column.interner.generation);
      if (this.entries.length < LANE << bits) this.entries = new Int32Array(LANE << bits);
      this.forget();
    }
    if (this.ofRow.length < n) this.ofRow = new Int32Array(2 * n);
    const { ofRow } = this;
    // Two at once, which most have.
    const [first = NO_CODES, second] = codes;
    if (second === undefined) lanesOfOne(ofRow, first, rows, n);
    else lanesOfTwo(ofRow, first, second, widths[1]!, rows, n);
    for (let c = 2; c < codes.length; c++) addToLanes(ofRow, codes[c]!, widths[c]!, rows, n);
    return ofRow;
  }

  /** `newest`: where the lane's numbers begin. A time is a 32-bit number; late ones leave the newest where it is. */
  remember(newest: number, time: number, block: number): void {
    if (time === NO_TIME) return;
    const { entries } = this;
    let at = newest + 2;
    if (time > entries[newest]!) {
      entries[at] = entries[newest]!;
      entries[at + 1] = entries[newest + 1]!;
      at = newest;
    }
    entries[at] = time;
    entries[at + 1] = block;
  }

  forget(): void {
    this.entries.fill(NO_TIME);
  }
}

// Code -1, for no text, is 0.
function lanesOfOne(lanes: Int32Array, codes: Int32Array, rows: Uint32Array, n: number): void {
  for (let i = 0; i < n; i++) lanes[i] = codes[rows[i]!]! + 1;
}

function lanesOfTwo(
  lanes: Int32Array,
  first: Int32Array,
  second: Int32Array,
  width: number,
  rows: Uint32Array,
  n: number,
): void {
  for (let i = 0; i < n; i++) {
    const row = rows[i]!;
    lanes[i] = ((first[row]! + 1) << width) | (second[row]! + 1);
  }
}

function addToLanes(
  lanes: Int32Array,
  codes: Int32Array,
  width: number,
  rows: Uint32Array,
  n: number,
): void {
  for (let i = 0; i < n; i++) lanes[i] = (lanes[i]! << width) | (codes[rows[i]!]! + 1);
}
