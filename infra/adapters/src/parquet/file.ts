// A Parquet file in memory: its flat columns by dotted name and their chunks. Nested and repeated
// columns are not read.

import { getOrMake } from "@tandem/shared-logic";
import type { SchemaElement, SchemaTree } from "hyparquet";
import { type ColumnMetaData, type FileMetaData, parquetMetadata, parquetSchema } from "hyparquet";
import { release } from "./compression.ts";
import { corrupt } from "./corrupt.ts";
import { expanded } from "./delta-byte-array.ts";
import { type Page, pagesOf } from "./page.ts";

export interface FileColumn {
  readonly name: string;
  readonly element: SchemaElement;
  /** Definition level of a present value. */
  readonly maxLevel: number;
  readonly repeated: boolean;
  readonly chunks: readonly ColumnMetaData[];
}

export const KEEP = "keep";

export class ParquetFile {
  readonly rows: number;
  readonly metadata: FileMetaData;
  private readonly byName = new Map<string, FileColumn>();
  private readonly bytes: Uint8Array;

  /** Reads the footer unless it is given. Throws `corrupt_bytes`. */
  constructor(bytes: Uint8Array, metadata: FileMetaData = footer(bytes)) {
    this.bytes = bytes;
    this.metadata = metadata;
    this.rows = checkedRows(this.metadata);
    const chunks = chunksByName(this.metadata);
    const visit = (tree: SchemaTree, maxLevel: number, repeated: boolean): void => {
      const { element, children, path } = tree;
      const level =
        maxLevel + (element.repetition_type === "REQUIRED" || path.length === 0 ? 0 : 1);
      const many = repeated || element.repetition_type === "REPEATED";
      if (children.length > 0) for (const child of children) visit(child, level, many);
      else if (path.length > 0) {
        const name = path.join(".");
        this.byName.set(name, {
          name,
          element,
          maxLevel: level,
          repeated: many,
          chunks: chunks.get(name) ?? [],
        });
      }
    };
    visit(parquetSchema(this.metadata), 0, false);
  }

  /** Each row group as a file of its own, so that no more than one is decoded at a time. */
  *groups(): Generator<ParquetFile> {
    for (const group of this.metadata.row_groups) {
      const { num_rows } = group;
      yield new ParquetFile(this.bytes, { ...this.metadata, num_rows, row_groups: [group] });
    }
  }

  get names(): readonly string[] {
    return [...this.byName.keys()];
  }
  has(name: string): boolean {
    return this.byName.has(name);
  }
  column(name: string): FileColumn {
    const column = this.byName.get(name);
    if (!column) throw corrupt(`no column ${name}`);
    if (column.repeated) throw corrupt(`column ${name} is repeated`);
    return column;
  }

  /**
   * Every page of a column; `row` is the first row of a data page. Its bytes are gone when `visit` returns, unless that
   * returns KEEP.
   */
  forEachPage(
    column: FileColumn,
    visit: (page: Page, row: number) => typeof KEEP | undefined,
  ): void {
    let row = 0;
    for (const chunk of column.chunks) {
      for (const packed of pagesOf(this.bytes, chunk, column.maxLevel)) {
        const page = expanded(packed);
        if (page.bytes !== packed.bytes) release(packed.bytes);
        if (!page.dictionary && row + page.rows > this.rows) throw corrupt("more rows than stated");
        if (visit(page, row) !== KEEP) release(page.bytes);
        if (!page.dictionary) row += page.rows;
      }
    }
    if (row !== this.rows) throw corrupt(`column ${column.name} has ${row} of ${this.rows} rows`);
  }
}

/** In the order of row groups. */
function chunksByName({ row_groups }: FileMetaData): Map<string, ColumnMetaData[]> {
  const byName = new Map<string, ColumnMetaData[]>();
  for (const { columns } of row_groups) {
    for (const { meta_data } of columns) {
      if (meta_data)
        getOrMake(byName, meta_data.path_in_schema.join("."), () => []).push(meta_data);
    }
  }
  return byName;
}

/** The number of rows, where the footer agrees with itself about it. */
function checkedRows({ num_rows, row_groups }: FileMetaData): number {
  let rows = 0n;
  for (const group of row_groups) {
    rows += group.num_rows;
    for (const { meta_data } of group.columns) {
      // A repeated column has more values than rows; it is refused where it is asked for.
      if (meta_data && meta_data.num_values < group.num_rows)
        throw corrupt("rows of a column chunk");
    }
  }
  if (rows !== num_rows || rows < 0n || rows > MAX_ROWS) throw corrupt("number of rows");
  return Number(rows);
}

const MAX_ROWS = 2n ** 31n;
const MAGIC = 0x31524150;

function footer(bytes: Uint8Array): FileMetaData {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < 12 || view.getUint32(bytes.length - 4, true) !== MAGIC)
    throw corrupt("no footer");
  const from = bytes.length - 8 - view.getUint32(bytes.length - 8, true);
  if (from < 4) throw corrupt("footer is longer than the file");
  try {
    return parquetMetadata(new Uint8Array(bytes.subarray(from)).buffer, { geoparquet: false });
  } catch (cause) {
    throw corrupt("footer", cause);
  }
}
