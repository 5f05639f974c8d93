// The texts of a page as slices: of plain pages nobody looks for where each of them stands before somebody asks.
import type { TextSlices } from "@tandem/shared-logic";
import { isPlain } from "./byte-arrays.ts";
import type { Page } from "./page.ts";
import type { PageRanges } from "./page-ranges.ts";

/** Dense: absent rows have none. Until `ranges` are used for another page. */
export class PageTexts implements TextSlices {
  private readonly page: Page;
  private readonly ranges: PageRanges;
  private found = false;

  constructor(page: Page, ranges: PageRanges) {
    this.page = page;
    this.ranges = ranges;
  }

  get bytes(): Uint8Array {
    return this.page.bytes;
  }
  get packedAt(): number | undefined {
    return isPlain(this.page) ? this.page.at : undefined;
  }
  /** Throws `corrupt_bytes`, as `ends`. */
  get starts(): Int32Array {
    return this.find().starts;
  }
  get ends(): Int32Array {
    return this.find().ends;
  }

  private find(): PageRanges {
    if (!this.found) this.ranges.of(this.page);
    this.found = true;
    return this.ranges;
  }
}
