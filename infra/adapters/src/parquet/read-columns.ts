// Columns of any Parquet file as typed arrays and dictionary codes: no JavaScript string and no object
// per row. What archive objects, DuckDB, pyarrow and hyparquet-writer contain by default is read;
// anything else throws `corrupt_bytes` and says what it was.
import { Interner, NO_TEXT } from "@tandem/shared-logic";
import { byteArrays } from "./byte-arrays.ts";
import { corrupt } from "./corrupt.ts";
import { dictionaryIndices } from "./dictionary-indices.ts";
import { ParquetFile } from "./file.ts";
import { type NumberColumn, readNumbers } from "./numbers.ts";
import { type Page, spread } from "./page.ts";

export interface TextColumn {
  readonly kind: "text";
  readonly interner: Interner;
  /** NO_TEXT where absent. */
  readonly codes: Int32Array;
}
export type ParquetColumn = NumberColumn | TextColumn;

/** The named columns, in the order asked for. */
export function readParquetColumns(
  bytes: Uint8Array,
  names: readonly string[],
): ReadonlyMap<string, ParquetColumn> & { readonly rows: number } {
  const file = new ParquetFile(bytes);
  const columns = new Map<string, ParquetColumn>();
  for (const name of names) {
    const { type } = file.column(name).element;
    columns.set(name, type === "BYTE_ARRAY" ? readTexts(file, name) : readNumbers(file, name));
  }
  return Object.assign(columns, { rows: file.rows });
}

/** Every distinct value is interned once per dictionary; rows only gather codes. */
export function readTexts(file: ParquetFile, name: string, interner = new Interner()): TextColumn {
  const codes = new Int32Array(file.rows);
  let dictionary = new Int32Array(0);
  const intern = (page: Page, out: Int32Array, from: number): void => {
    const [starts, ends] = [new Int32Array(page.dense), new Int32Array(page.dense)];
    byteArrays(page, starts, ends, 0);
    for (let i = 0; i < page.dense; i++) {
      out[from + i] = interner.intern(page.bytes, starts[i]!, ends[i]!);
    }
  };
  file.forEachPage(file.column(name), (page, row) => {
    if (page.dictionary) {
      dictionary = new Int32Array(page.rows);
      intern(page, dictionary, 0);
      return;
    }
    if (dictionaryIndices(page, codes, row)) {
      for (let i = row; i < row + page.dense; i++) {
        const code = dictionary[codes[i]!];
        if (code === undefined) throw corrupt("index beyond the dictionary");
        codes[i] = code;
      }
    } else intern(page, codes, row);
    spread(codes, row, page, NO_TEXT);
  });
  return { kind: "text", interner, codes };
}
