// Where the texts of a page stand, in room that is used again for every page of every file, unless it is LARGE.
import { byteArrays } from "./byte-arrays.ts";
import type { Page } from "./page.ts";

const LARGE = 1 << 18;

export class PageRanges {
  starts = new Int32Array(0);
  ends = new Int32Array(0);

  /** Of a page's texts, dense; there is room for all rows. */
  of(page: Page): this {
    this.reach(page.rows);
    byteArrays(page, this.starts, this.ends, 0);
    return this;
  }

  reach(rows: number): void {
    if (this.starts.length >= rows && this.starts.length <= LARGE) return;
    this.starts = new Int32Array(rows);
    this.ends = new Int32Array(rows);
  }
}
