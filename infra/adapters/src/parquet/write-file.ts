// Writes flat columns as a Parquet file (format spec 2.x, v1 data pages, zstd but for the smallest). Equal columns give equal
// bytes for one version of zstd. The footer's thrift is hyparquet-writer's.
import type { ColumnMetaData, RowGroup, SchemaElement } from "hyparquet";
import { ByteWriter } from "hyparquet-writer";
import { writePageHeader } from "hyparquet-writer/src/datapage.js";
import { writeMetadata } from "hyparquet-writer/src/metadata.js";
import { zstd } from "./compression.ts";
import { encodeCodes } from "./encode-codes.ts";
import { encodeNumbers } from "./encode-numbers.ts";
import { encodeSlices } from "./encode-slices.ts";
import type { WrittenChunk, WrittenColumn } from "./written-column.ts";

const MAGIC = new TextEncoder().encode("PAR1");
const ROW_GROUP_ROWS = 100_000;
/** Chunks of no more stay as they are: a frame of zstd would be as large, and takes long to set up. */
const PLAIN_CHUNK_BYTES = 128;

export async function writeParquet(
  rows: number,
  columns: readonly WrittenColumn[],
  metadata: Readonly<Record<string, string>> = {},
): Promise<Uint8Array> {
  const writer = new ByteWriter(1 << 16);
  writer.appendBytes(MAGIC);
  const groups: RowGroup[] = [];
  for (let from = 0; from < rows; from += ROW_GROUP_ROWS) {
    const until = Math.min(rows, from + ROW_GROUP_ROWS);
    const chunks: ColumnMetaData[] = [];
    for (const column of columns) {
      chunks.push(await writeChunk(writer, column, encodeChunk(column, from, until), until - from));
    }
    groups.push({
      columns: chunks.map((meta_data) => ({ file_offset: firstOffset(meta_data), meta_data })),
      total_byte_size: chunks.reduce((sum, c) => sum + c.total_uncompressed_size, 0n),
      num_rows: BigInt(until - from),
    });
  }
  writeMetadata(writer, {
    version: 2,
    schema: [{ name: "schema", num_children: columns.length }, ...columns.map(elementOf)],
    num_rows: BigInt(rows),
    row_groups: groups,
    key_value_metadata: Object.entries(metadata).map(([key, value]) => ({ key, value })),
    created_by: "tandem",
    metadata_length: 0,
  });
  writer.appendBytes(MAGIC);
  return new Uint8Array(writer.getBytes());
}

const firstOffset = (chunk: ColumnMetaData): bigint =>
  chunk.dictionary_page_offset ?? chunk.data_page_offset;

function encodeChunk(column: WrittenColumn, from: number, until: number): WrittenChunk {
  if (column.kind === "numbers") return encodeNumbers(column, from, until);
  if (column.kind === "codes") return encodeCodes(column, from, until);
  return encodeSlices(column, from, until);
}

async function writeChunk(
  writer: ByteWriter,
  column: WrittenColumn,
  { pages, nulls, min, max }: WrittenChunk,
  rows: number,
): Promise<ColumnMetaData> {
  const start = writer.offset;
  let headerBytes = 0;
  let plainBytes = 0;
  let dataOffset: number | undefined;
  const isPlain = pages.reduce((sum, page) => sum + page.bytes.length, 0) <= PLAIN_CHUNK_BYTES;
  const compressed = isPlain
    ? pages.map((page) => page.bytes)
    : await Promise.all(pages.map((page) => zstd(page.bytes)));
  for (const [i, page] of pages.entries()) {
    const packed = compressed[i]!;
    const at = writer.offset;
    if (page.type === "DATA_PAGE") dataOffset ??= at;
    const levels = { definition_level_encoding: "RLE", repetition_level_encoding: "RLE" } as const;
    writePageHeader(writer, {
      type: page.type,
      uncompressed_page_size: page.bytes.length,
      compressed_page_size: packed.length,
      ...(page.type === "DATA_PAGE"
        ? { data_page_header: { num_values: page.values, encoding: page.encoding, ...levels } }
        : { dictionary_page_header: { num_values: page.values, encoding: page.encoding } }),
    });
    headerBytes += writer.offset - at;
    plainBytes += page.bytes.length;
    writer.appendBytes(packed);
  }
  const { type } = elementOf(column);
  const stated = type === "INT64" ? BigInt : (value: number) => value;
  return {
    type: type ?? "BYTE_ARRAY",
    encodings: [...new Set(["RLE" as const, ...pages.map((page) => page.encoding)])],
    path_in_schema: [column.name],
    codec: isPlain ? "UNCOMPRESSED" : "ZSTD",
    num_values: BigInt(rows),
    total_uncompressed_size: BigInt(headerBytes + plainBytes),
    total_compressed_size: BigInt(writer.offset - start),
    data_page_offset: BigInt(dataOffset ?? start),
    ...(pages[0]?.type === "DICTIONARY_PAGE" ? { dictionary_page_offset: BigInt(start) } : {}),
    statistics: {
      null_count: BigInt(nulls),
      ...(min === undefined || max === undefined
        ? {}
        : { min_value: stated(min), max_value: stated(max) }),
    },
  };
}

function elementOf(column: WrittenColumn): SchemaElement {
  const common = {
    name: column.name,
    repetition_type: column.kind === "codes" || column.optional ? "OPTIONAL" : "REQUIRED",
  } as const;
  if (column.kind === "numbers") {
    if (column.type === "INT32") return { ...common, type: "INT32" };
    if (column.type === "INT64") return { ...common, type: "INT64" };
    return {
      ...common,
      type: "INT64",
      converted_type: "TIMESTAMP_MILLIS",
      logical_type: { type: "TIMESTAMP", isAdjustedToUTC: true, unit: "MILLIS" },
    };
  }
  const text = column.kind === "codes" || column.text;
  return {
    ...common,
    type: "BYTE_ARRAY",
    ...(text ? { converted_type: "UTF8", logical_type: { type: "STRING" } } : {}),
  };
}
