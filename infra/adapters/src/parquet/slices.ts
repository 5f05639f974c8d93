// A column of byte arrays as ranges of one buffer: for values that are read once and never compared.
import { byteArrays } from "./byte-arrays.ts";
import { corrupt } from "./corrupt.ts";
import { dictionaryIndices } from "./dictionary-indices.ts";
import type { ParquetFile } from "./file.ts";
import { spread } from "./page.ts";

export interface SliceRanges {
  readonly bytes: Uint8Array;
  /** Inclusive; -1 where a row has no value. */
  readonly starts: Int32Array;
  /** Exclusive; -1 where a row has no value. */
  readonly ends: Int32Array;
}

export function readSlices(file: ParquetFile, name: string): SliceRanges {
  const column = file.column(name);
  const sizeBytes = column.chunks.reduce((sum, c) => sum + Number(c.total_uncompressed_size), 0);
  if (sizeBytes >= 2 ** 31) throw corrupt(`column ${name} is larger than 2 GB`);
  const bytes = new Uint8Array(sizeBytes);
  const [starts, ends] = [new Int32Array(file.rows), new Int32Array(file.rows)];
  let dictionary = { starts: new Int32Array(0), ends: new Int32Array(0) };
  let used = 0;
  file.forEachPage(column, (page, row) => {
    if (!page.dictionary && dictionaryIndices(page, starts, row)) {
      for (let i = row; i < row + page.dense; i++) {
        const index = starts[i]!;
        if (index >= dictionary.starts.length) throw corrupt("index beyond the dictionary");
        starts[i] = dictionary.starts[index]!;
        ends[i] = dictionary.ends[index]!;
      }
    } else {
      if (used + page.bytes.length > bytes.length) throw corrupt("column is larger than stated");
      bytes.set(page.bytes, used);
      const to = page.dictionary
        ? { starts: new Int32Array(page.rows), ends: new Int32Array(page.rows) }
        : { starts, ends };
      const from = page.dictionary ? 0 : row;
      byteArrays(page, to.starts, to.ends, from);
      for (let i = from; i < from + page.dense; i++) {
        to.starts[i]! += used;
        to.ends[i]! += used;
      }
      if (page.dictionary) dictionary = to;
      used += page.bytes.length;
    }
    if (page.dictionary) return;
    spread(starts, row, page, -1);
    spread(ends, row, page, -1);
  });
  return { bytes, starts, ends };
}
