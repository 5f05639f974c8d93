// Columns of any Parquet file as typed arrays and dictionary codes: no JavaScript string and no object
// per row. What archive objects, DuckDB, pyarrow and hyparquet-writer contain by default is read;
// anything else throws `corrupt_bytes` and says what it was.
import { ParquetFile } from "../../src/parquet/file.ts";
import { type NumberColumn, readNumbers } from "../../src/parquet/numbers.ts";
import { readTexts, type TextColumn } from "../../src/parquet/texts.ts";

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
