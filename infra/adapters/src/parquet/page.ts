// Pages of one column chunk, decompressed, with their definition levels decoded (format spec, "Data
// Pages", v1 and v2). A row is present where its level is the column's highest.
import type { ColumnMetaData } from "hyparquet";
import { Encodings, PageTypes } from "hyparquet/src/constants.js";
import { deserializeTCompactProtocol } from "hyparquet/src/thrift.js";
import { decompress } from "./compression.ts";
import { corrupt } from "./corrupt.ts";
import { bitWidth, decodeRle } from "./rle.ts";

export interface Page {
  readonly dictionary: boolean;
  readonly encoding: string;
  /** Rows, absent ones too; entries of a dictionary. */
  readonly rows: number;
  /** Rows that have a value. */
  readonly dense: number;
  /** 1 per present row; undefined where all are. */
  readonly present: Uint8Array | undefined;
  readonly bytes: Uint8Array;
  /** Where the values begin in `bytes`. */
  readonly at: number;
}

const MAX_PAGE_ROWS = 2 ** 28;

interface Thrift {
  readonly [field: string]: unknown;
}
const int = (struct: Thrift, field: number): number => {
  const value = struct[`field_${field}`];
  if (typeof value !== "number" || value < 0) throw corrupt(`page header field ${field}`);
  return value;
};
/** A boolean field; absent ones are true in every header read here. */
const flag = (struct: Thrift, field: number): boolean => struct[`field_${field}`] !== false;
const inner = (struct: Thrift, field: number): Thrift => {
  const value = struct[`field_${field}`];
  if (typeof value !== "object" || value === null) throw corrupt(`page header struct ${field}`);
  return value as Thrift;
};

export function* pagesOf(
  file: Uint8Array,
  chunk: ColumnMetaData,
  maxLevel: number,
): Generator<Page> {
  // Some writers leave the dictionary's offset out or at 0: then it precedes the data.
  const first = Number(chunk.dictionary_page_offset ?? 0) || Number(chunk.data_page_offset);
  const start = Math.min(first, Number(chunk.data_page_offset));
  const end = start + Number(chunk.total_compressed_size);
  if (start < 4 || end < start || end > file.length)
    throw corrupt("column chunk lies outside the file");
  const view = new DataView(file.buffer, file.byteOffset + start, end - start);
  const reader = { view, offset: 0 };
  for (let rows = 0; rows < Number(chunk.num_values); ) {
    let header: Thrift;
    try {
      header = deserializeTCompactProtocol(reader) as Thrift;
    } catch (cause) {
      throw corrupt("page header", cause);
    }
    const [size, packed] = [int(header, 2), int(header, 3)];
    const from = start + reader.offset;
    if (from + packed > end) throw corrupt("page ends early");
    reader.offset += packed;
    // Sizes come from the file: they are bounded before anything is allocated for them.
    const limit = Number(chunk.total_uncompressed_size);
    if (size > limit) throw corrupt("page is larger than its chunk");
    const bytes = file.subarray(from, from + packed);
    const type = PageTypes[int(header, 1)];
    if (type === "DICTIONARY_PAGE") yield dictionaryPage(inner(header, 7), bytes, chunk, size);
    else if (type === "DATA_PAGE" || type === "DATA_PAGE_V2") {
      const page =
        type === "DATA_PAGE"
          ? dataPage(inner(header, 5), bytes, chunk, size, maxLevel)
          : dataPageV2(inner(header, 8), bytes, chunk, size, maxLevel);
      rows += page.rows;
      yield page;
    }
  }
}

function dictionaryPage(
  header: Thrift,
  bytes: Uint8Array,
  chunk: ColumnMetaData,
  size: number,
): Page {
  const rows = int(header, 1);
  if (rows > size) throw corrupt("more dictionary entries than bytes and values");
  const encoding = Encodings[int(header, 2)] ?? "";
  const plain = decompress(chunk.codec, bytes, size);
  return { dictionary: true, encoding, rows, dense: rows, present: undefined, bytes: plain, at: 0 };
}

function dataPage(
  header: Thrift,
  packed: Uint8Array,
  chunk: ColumnMetaData,
  size: number,
  maxLevel: number,
): Page {
  const rows = int(header, 1);
  const encoding = Encodings[int(header, 2)] ?? "";
  const bytes = decompress(chunk.codec, packed, size);
  if (maxLevel === 0) {
    return { dictionary: false, encoding, rows, dense: rows, present: undefined, bytes, at: 0 };
  }
  if (Encodings[int(header, 3)] !== "RLE") throw corrupt("definition levels are not RLE");
  if (bytes.length < 4) throw corrupt("definition levels end early");
  const length = new DataView(bytes.buffer, bytes.byteOffset).getUint32(0, true);
  const levels = presence(bytes, 4, rows, maxLevel);
  return { dictionary: false, encoding, rows, ...levels, bytes, at: 4 + length };
}

function dataPageV2(
  header: Thrift,
  packed: Uint8Array,
  chunk: ColumnMetaData,
  size: number,
  maxLevel: number,
): Page {
  const rows = int(header, 1);
  const encoding = Encodings[int(header, 4)] ?? "";
  const [definition, repetition] = [int(header, 5), int(header, 6)];
  const values = packed.subarray(definition + repetition);
  const isPacked = flag(header, 7);
  const bytes = isPacked ? decompress(chunk.codec, values, size - definition - repetition) : values;
  const levels =
    maxLevel === 0
      ? { dense: rows, present: undefined }
      : presence(packed, repetition, rows, maxLevel);
  return { dictionary: false, encoding, rows, ...levels, bytes, at: 0 };
}

function presence(
  bytes: Uint8Array,
  at: number,
  rows: number,
  maxLevel: number,
): Pick<Page, "dense" | "present"> {
  if (rows > MAX_PAGE_ROWS) throw corrupt("page has too many rows");
  const width = bitWidth(maxLevel);
  if (width <= 8 && isRun(bytes, at, rows, maxLevel)) return { dense: rows, present: undefined };
  const present = new Uint8Array(rows);
  decodeRle(bytes, at, width, present, 0, rows);
  let dense = 0;
  for (let i = 0; i < rows; i++) {
    const here = present[i] === maxLevel ? 1 : 0;
    present[i] = here;
    dense += here;
  }
  return { dense, present: dense === rows ? undefined : present };
}

/** Whether the levels begin with one run of `rows` or more times `level`: the most common case by far. */
function isRun(bytes: Uint8Array, at: number, rows: number, level: number): boolean {
  let header = 0;
  let p = at;
  for (let shift = 0; shift <= 28; shift += 7) {
    const b = bytes[p++] ?? 0;
    header |= (b & 127) << shift;
    if (b < 128) break;
  }
  return (header & 1) === 0 && header >>> 1 >= rows && bytes[p] === level;
}

/** Moves `dense` values standing at out[from …] to their rows; `absent` goes everywhere else. */
export function spread(
  out: Float64Array | Int32Array,
  from: number,
  page: Page,
  absent: number,
): void {
  const { present, rows } = page;
  if (!present) return;
  if (page.dense === 0) {
    out.fill(absent, from, from + rows);
    return;
  }
  for (let row = rows - 1, k = page.dense; row >= 0; row--) {
    out[from + row] = present[row] ? out[from + --k]! : absent;
  }
}
