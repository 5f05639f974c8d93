// Number columns: PLAIN, dictionary and delta encoded integers, floats and booleans, as doubles.
import type { SchemaElement } from "hyparquet";
import { corrupt } from "./corrupt.ts";
import { decodeDelta } from "./delta.ts";
import { dictionaryIndices } from "./dictionary-indices.ts";
import type { ParquetFile } from "./file.ts";
import { type Page, spread } from "./page.ts";
import { decodeRle } from "./rle.ts";

export interface NumberColumn {
  readonly kind: "number";
  /** Timestamps in ms since the epoch, decimals as doubles. 64-bit integers beyond 2^53 lose their last digits. */
  readonly values: Float64Array;
  /** 1 per row with a value; undefined where all have one. */
  readonly present: Uint8Array | undefined;
}

/** Whole numbers, each & `mask`. A column whose chunks all say that they hold one value is not decoded. */
export function readBytes(file: ParquetFile, name: string, mask = 255): Uint8Array {
  const bytes = new Uint8Array(file.rows);
  const only = constantOf(file, name);
  if (only !== undefined) return only === 0 ? bytes : bytes.fill(only & mask);
  const { values } = readNumbers(file, name);
  for (let row = 0; row < bytes.length; row++) bytes[row] = values[row]! & mask;
  return bytes;
}

/** The value of all rows, where statistics tell it. */
export function constantOf(file: ParquetFile, name: string): number | undefined {
  const { chunks } = file.column(name);
  const [first] = chunks;
  const only = Number(first?.statistics?.min_value ?? Number.NaN);
  for (const { statistics } of chunks) {
    if (Number(statistics?.null_count ?? Number.NaN) !== 0) return undefined;
    if (Number(statistics?.min_value) !== only || Number(statistics?.max_value) !== only) {
      return undefined;
    }
  }
  return Number.isNaN(only) ? undefined : only;
}

/** `whole`: rounded down. */
export function readNumbers(file: ParquetFile, name: string, whole = false): NumberColumn {
  const column = file.column(name);
  const { type } = column.element;
  const rounds = whole && (type === "DOUBLE" || type === "FLOAT");
  const divisor = divisorOf(column.element);
  const values = new Float64Array(file.rows);
  let present: Uint8Array | undefined;
  let dictionary = new Float64Array(0);
  let indices = new Int32Array(0);
  file.forEachPage(column, (page, row) => {
    if (page.dictionary) {
      dictionary = new Float64Array(page.rows);
      plain(page, column.element, dictionary, 0);
      return;
    }
    if (indices.length < page.dense) indices = new Int32Array(page.dense);
    if (dictionaryIndices(page, indices, 0)) {
      gather(dictionary, indices, page.dense, values, row);
    } else if (page.encoding === "DELTA_BINARY_PACKED") {
      if (page.dense > 0) decodeDelta(page.bytes, page.at, values, row, page.dense);
    } else if (page.encoding === "RLE" && column.element.type === "BOOLEAN") {
      decodeRle(page.bytes, page.at + 4, 1, indices, 0, page.dense);
      values.set(indices.subarray(0, page.dense), row);
    } else if (page.encoding === "PLAIN") plain(page, column.element, values, row);
    else if (page.encoding === "BYTE_STREAM_SPLIT")
      plain(unsplit(page), column.element, values, row);
    else throw corrupt(`encoding ${page.encoding} of a number is not read`);
    // Page by page: it is still near.
    if (divisor !== 1 && whole) divideWhole(values, row, row + page.dense, divisor);
    else if (divisor !== 1) divide(values, row, row + page.dense, divisor);
    else if (rounds) divideWhole(values, row, row + page.dense, 1);
    spread(values, row, page, 0);
    if (page.present) {
      present ??= new Uint8Array(file.rows).fill(1);
      present.set(page.present, row);
    }
  });
  return { kind: "number", values, present };
}

function gather(
  entries: Float64Array,
  indices: Int32Array,
  n: number,
  out: Float64Array,
  from: number,
): void {
  for (let i = 0; i < n; i++) {
    const value = entries[indices[i]!];
    if (value === undefined) throw corrupt("index beyond the dictionary");
    out[from + i] = value;
  }
}

function divide(values: Float64Array, from: number, until: number, divisor: number): void {
  for (let i = from; i < until; i++) values[i] = values[i]! / divisor;
}

function divideWhole(values: Float64Array, from: number, until: number, divisor: number): void {
  for (let i = from; i < until; i++) values[i] = Math.floor(values[i]! / divisor);
}

function plain(page: Page, element: SchemaElement, out: Float64Array, from: number): void {
  const { bytes, at, dense } = page;
  const width =
    element.type === "BOOLEAN"
      ? 1 / 8
      : element.type === "INT32" || element.type === "FLOAT"
        ? 4
        : 8;
  if (at + Math.ceil(dense * width) > bytes.length) throw corrupt("numbers end early");
  const values = bytes.subarray(at, at + Math.ceil(dense * width));
  // Typed arrays must begin at a multiple of their width; others are copied.
  const own = values.byteOffset % 8 === 0 ? values : new Uint8Array(values);
  switch (element.type) {
    case "BOOLEAN":
      for (let i = 0; i < dense; i++) out[from + i] = (own[i >>> 3]! >>> (i & 7)) & 1;
      return;
    case "INT32":
      out.set(new Int32Array(own.buffer, own.byteOffset, dense), from);
      return;
    case "FLOAT":
      out.set(new Float32Array(own.buffer, own.byteOffset, dense), from);
      return;
    case "DOUBLE":
      out.set(new Float64Array(own.buffer, own.byteOffset, dense), from);
      return;
    case "INT64": {
      const words = new Int32Array(own.buffer, own.byteOffset, dense * 2);
      joinWords(words, dense, out, from);
      return;
    }
    default:
      throw corrupt(`type ${element.type} is not read`);
  }
}

/** Of each two words, the lower one first, the number. */
function joinWords(words: Int32Array, n: number, out: Float64Array, from: number): void {
  for (let i = 0; i < n; i++) {
    out[from + i] = words[2 * i + 1]! * 4294967296 + (words[2 * i]! >>> 0);
  }
}

/** BYTE_STREAM_SPLIT as PLAIN: byte k of every value stood together. */
function unsplit(page: Page): Page {
  const source = page.bytes.subarray(page.at);
  const width = page.dense === 0 ? 0 : Math.floor(source.length / page.dense);
  const bytes = new Uint8Array(width * page.dense);
  for (let k = 0, at = 0; k < width; k++) {
    for (let i = 0; i < page.dense; i++) bytes[i * width + k] = source[at++]!;
  }
  return { ...page, bytes, at: 0 };
}

/** What a stored whole number is divided by: units per ms of a timestamp, or 10^scale of a decimal. */
function divisorOf({ converted_type, logical_type, scale = 0 }: SchemaElement): number {
  if (logical_type?.type === "TIMESTAMP") {
    return { MILLIS: 1, MICROS: 1000, NANOS: 1e6 }[logical_type.unit];
  }
  if (converted_type === "DECIMAL") return 10 ** scale;
  return converted_type === "TIMESTAMP_MICROS" ? 1000 : 1;
}
