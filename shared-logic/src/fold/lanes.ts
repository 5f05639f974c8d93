// Remembers which block the rows of a tenant and its dimensions' values went to at a time, by their codes. A
// lane is a combination of codes; most rows of a batch find their block in their lane and nothing else is
// looked up. Only where the combinations are few enough for an array; the caller goes without otherwise.
import type { FieldColumn } from "../events/event-columns.ts";

const NO_CODES = new Int32Array(0);
const MAX_LANES = 1 << 17;
const NO_TIME = -(2 ** 31);
/** Numbers that are remembered of a lane at a time: the time and its block. */
export const LANE = 2;
const LEAST_PAGES = 4;
/** Pages are added up to so many lanes on all of them, and two pages there are always. */
const MAX_PLACES = 1 << 17;

export class Lanes {
  /** The lane of each row asked for. */
  private ofRow = new Int32Array(0);
  private widths: number[] = [];
  private interners: unknown[] = [];
  private generations: number[] = [];
  /** Whether a page has anything. */
  private used = new Uint8Array(0);
  /** `pages` times as many places as there are lanes: LANE numbers each. Times that share a page take each other's places. */
  blocks = new Int32Array(0);
  /** Of a lane. */
  bits = 0;
  /** A power of two. */
  pages = 0;

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
      this.begin(bits, Math.min(LEAST_PAGES, mostPages(bits)));
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

  /** `place`: where the lane's numbers of that time begin. Where another time has it, pages may be added, and all is forgotten. */
  remember(place: number, time: number, block: number): void {
    if (time === NO_TIME) return;
    const { blocks, bits, pages, used } = this;
    const there = blocks[place]!;
    if (there !== NO_TIME && there !== time && pages < mostPages(bits)) {
      this.begin(bits, 2 * pages);
      return;
    }
    blocks[place] = time;
    blocks[place + 1] = block;
    used[place >>> (bits + 1)] = 1;
  }

  /** Where the lanes of an hour and doubt begin, until pages are added. */
  pageOf(hour: number, doubt: number): number {
    const { bits, pages } = this;
    return (LANE * ((hour + doubt * (pages >> 2)) & (pages - 1))) << bits;
  }

  forget(): void {
    const { blocks, bits, used } = this;
    for (let page = used.indexOf(1); page >= 0; page = used.indexOf(1, page + 1)) {
      blocks.fill(NO_TIME, (page * LANE) << bits, ((page + 1) * LANE) << bits);
      used[page] = 0;
    }
  }

  private begin(bits: number, pages: number): void {
    this.forget();
    this.bits = bits;
    this.pages = pages;
    if (this.used.length < pages) this.used = new Uint8Array(pages);
    const numbers = (LANE * pages) << bits;
    if (this.blocks.length < numbers) this.blocks = new Int32Array(numbers).fill(NO_TIME);
  }
}

const mostPages = (bits: number): number => Math.max(2, MAX_PLACES >>> bits);

// Code -1, for no text, is 0.
function lanesOfOne(lanes: Int32Array, codes: Int32Array, rows: Uint32Array, n: number): void {
  for (let i = 0; i < n; i++) lanes[i] = codes[rows[i]!]! + 1;
}

/** Eight at a time: V8 asks of each array what it is as often as the loop turns. */
function lanesOfTwo(
  lanes: Int32Array,
  first: Int32Array,
  second: Int32Array,
  width: number,
  rows: Uint32Array,
  n: number,
): void {
  let i = 0;
  for (; i + 8 <= n; i += 8) {
    const a = rows[i]!;
    const b = rows[i + 1]!;
    const c = rows[i + 2]!;
    const d = rows[i + 3]!;
    const e = rows[i + 4]!;
    const f = rows[i + 5]!;
    const g = rows[i + 6]!;
    const h = rows[i + 7]!;
    lanes[i] = ((first[a]! + 1) << width) | (second[a]! + 1);
    lanes[i + 1] = ((first[b]! + 1) << width) | (second[b]! + 1);
    lanes[i + 2] = ((first[c]! + 1) << width) | (second[c]! + 1);
    lanes[i + 3] = ((first[d]! + 1) << width) | (second[d]! + 1);
    lanes[i + 4] = ((first[e]! + 1) << width) | (second[e]! + 1);
    lanes[i + 5] = ((first[f]! + 1) << width) | (second[f]! + 1);
    lanes[i + 6] = ((first[g]! + 1) << width) | (second[g]! + 1);
    lanes[i + 7] = ((first[h]! + 1) << width) | (second[h]! + 1);
  }
  for (; i < n; i++) {
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
