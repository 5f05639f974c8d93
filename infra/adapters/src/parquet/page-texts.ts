// The texts of a page as slices: of plain pages, and of texts of one length, nobody looks for where each of them stands before somebody asks.
import type { PackedTexts, TextSlices } from "@tandem/shared-logic";
import { isPlain, LENGTHS } from "./byte-arrays.ts";
import { onlyDelta } from "./delta.ts";
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
  get packed(): PackedTexts | undefined {
    const { bytes, at, dense, encoding } = this.page;
    if (isPlain(this.page)) return { at, lengthBytes: undefined };
    // As ids are, most of the time.
    return encoding === LENGTHS && dense > 0 ? onlyLength(bytes, at, dense) : undefined;
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

/** Where all lengths are the same. */
function onlyLength(bytes: Uint8Array, from: number, count: number): PackedTexts | undefined {
  const only = onlyDelta(bytes, from, count);
  // Others are refused where ranges are asked for.
  const isLength = only !== undefined && only.value >= 0 && only.value <= bytes.length;
  return isLength ? { at: only.end, lengthBytes: only.value } : undefined;
}
