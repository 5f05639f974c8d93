// A column of byte arrays as entries in one buffer and the entry of each row. A dictionary page's values
// are entries once, whatever number of rows point at them; other pages have one entry per value.
import type { TextSlices } from "@tandem/shared-logic";
import { byteArrays } from "./byte-arrays.ts";
import { corrupt } from "./corrupt.ts";
import { dictionaryIndices, hasIndices } from "./dictionary-indices.ts";
import { type FileColumn, KEEP, type ParquetFile } from "./file.ts";
import { type Page, spread } from "./page.ts";
import { PageRanges } from "./page-ranges.ts";
import { PageTexts } from "./page-texts.ts";

export interface Entries {
  readonly bytes: Uint8Array;
  /** Entry e is bytes[starts[e], ends[e]), for e below `count`. */
  readonly starts: Int32Array;
  readonly ends: Int32Array;
  readonly count: number;
  /** Entry by row, -1 where a row has no value. */
  readonly rows: Int32Array;
}

const MOST_BYTES = 2 ** 31;

class Arena {
  bytes: Uint8Array;
  starts: Int32Array;
  ends: Int32Array;
  count = 0;
  private used = 0;

  constructor(sizeBytes: number, entries: number) {
    this.bytes = new Uint8Array(sizeBytes);
    this.starts = new Int32Array(entries);
    this.ends = new Int32Array(entries);
  }

  /** Takes a page's values as entries and returns the first one's number. */
  add(page: Page): number {
    const first = this.count;
    const count = first + page.dense;
    if (count > this.starts.length) {
      this.starts = wider(this.starts, count);
      this.ends = wider(this.ends, count);
    }
    byteArrays(page, this.starts, this.ends, first);
    const source = page.bytes.subarray(page.at);
    // Larger than the column's chunks say, where values were told by the ones before them.
    if (this.used + source.length > this.bytes.length) this.widen(this.used + source.length);
    this.bytes.set(source, this.used);
    const shift = this.used - page.at;
    for (let e = first; e < count; e++) {
      this.starts[e]! += shift;
      this.ends[e]! += shift;
    }
    this.used += source.length;
    this.count = count;
    return first;
  }

  private widen(least: number): void {
    if (least >= MOST_BYTES) throw corrupt("column is larger than 2 GB");
    const bytes = new Uint8Array(Math.max(least, Math.min(MOST_BYTES - 1, 2 * this.bytes.length)));
    bytes.set(this.bytes.subarray(0, this.used));
    this.bytes = bytes;
  }
}

function wider(values: Int32Array, length: number): Int32Array {
  const out = new Int32Array(Math.max(length, values.length * 2));
  out.set(values);
  return out;
}

export function readEntries(file: ParquetFile, name: string): Entries {
  const column = texts(file, name);
  const gathered = new Gathered(file, column);
  file.forEachPage(column, (page, row) => {
    gathered.take(page, row);
  });
  return gathered.done();
}

/** The entries of pages, taken one after another. */
class Gathered {
  private readonly arena: Arena;
  private readonly rows: Int32Array;
  private dictionary = 0;
  private entries = 0;

  constructor(file: ParquetFile, { name, chunks }: FileColumn) {
    const sizeBytes = chunks.reduce((sum, c) => sum + Number(c.total_uncompressed_size), 0);
    if (sizeBytes >= MOST_BYTES) throw corrupt(`column ${name} is larger than 2 GB`);
    this.arena = new Arena(sizeBytes, 1024);
    this.rows = new Int32Array(file.rows);
  }

  take(page: Page, row: number): void {
    const { arena, rows, dictionary, entries } = this;
    if (page.dictionary) {
      this.dictionary = arena.add(page);
      this.entries = page.dense;
      return;
    }
    if (dictionaryIndices(page, rows, row)) {
      for (let i = row; i < row + page.dense; i++) {
        if (rows[i]! >= entries || rows[i]! < 0) throw corrupt("index beyond the dictionary");
        rows[i]! += dictionary;
      }
    } else {
      const first = arena.add(page);
      for (let i = 0; i < page.dense; i++) rows[row + i] = first + i;
    }
    spread(rows, row, page, -1);
  }

  done(): Entries {
    const { bytes, starts, ends, count } = this.arena;
    return { bytes, starts, ends, count, rows: this.rows };
  }
}

/** For values that are read once and never compared. A page that holds all rows is not copied. */
export function readSlices(file: ParquetFile, name: string): TextSlices {
  const column = texts(file, name);
  const [from, until] = [new Int32Array(file.rows), new Int32Array(file.rows)];
  let whole: Page | undefined;
  let gathered: Gathered | undefined;
  file.forEachPage(column, (page, row) => {
    const isAll = !page.dictionary && page.dense === file.rows && !hasIndices(page);
    if (isAll && gathered === undefined) {
      whole = page;
      return KEEP;
    }
    if (whole === undefined) {
      gathered ??= new Gathered(file, column);
      gathered.take(page, row);
    }
    return;
  });
  if (whole !== undefined) {
    byteArrays(whole, from, until, 0);
    return { bytes: whole.bytes, starts: from, ends: until };
  }
  const { bytes, starts, ends, rows } = (gathered ?? new Gathered(file, column)).done();
  for (let row = 0; row < rows.length; row++) {
    const entry = rows[row]!;
    from[row] = entry < 0 ? -1 : starts[entry]!;
    until[row] = entry < 0 ? -1 : ends[entry]!;
  }
  return { bytes, starts: from, ends: until };
}

const ranges = new PageRanges();

/** The slices of one page after the other, its first row and its rows: gone when `visit` returns. */
export function eachSlices(
  file: ParquetFile,
  name: string,
  visit: (slices: TextSlices, row: number, rows: number) => void,
): void {
  let dictionary: { readonly page: Page; readonly at: PageRanges } | undefined;
  file.forEachPage(texts(file, name), (page, row) => {
    if (page.dictionary) {
      dictionary = { page, at: new PageRanges().of(page) };
      return KEEP;
    }
    if (!page.present && !hasIndices(page)) {
      visit(new PageTexts(page, ranges), row, page.rows);
      return;
    }
    ranges.reach(page.rows);
    const { starts, ends } = ranges;
    let { bytes } = page;
    if (dictionaryIndices(page, starts, 0)) {
      const { page: entries, at } = dictionary ?? {};
      for (let i = 0; i < page.dense; i++) {
        const entry = starts[i]!;
        if (!entries || !at || entry < 0 || entry >= entries.dense)
          throw corrupt("index beyond the dictionary");
        starts[i] = at.starts[entry]!;
        ends[i] = at.ends[entry]!;
      }
      bytes = entries?.bytes ?? bytes;
    } else byteArrays(page, starts, ends, 0);
    spread(starts, 0, page, -1);
    spread(ends, 0, page, -1);
    visit({ bytes, starts, ends }, row, page.rows);
    return;
  });
}

function texts(file: ParquetFile, name: string): FileColumn {
  const column = file.column(name);
  if (column.element.type !== "BYTE_ARRAY") throw corrupt(`column ${name} is no byte array`);
  return column;
}
