// Values of a row by column name, with the types that the tables declare.
import { types } from "cassandra-driver";
import type { Row } from "./cassandra-session.ts";

export const int = (row: Row, column: string): number => {
  const value: unknown = row[column];
  if (typeof value === "number") return value;
  if (value instanceof types.Long) return value.toNumber();
  throw new TypeError(`column ${column} is no number`);
};
export const text = (row: Row, column: string): string => {
  const value: unknown = row[column];
  if (typeof value === "string") return value;
  throw new TypeError(`column ${column} is no text`);
};
/** Undefined where the cell is absent. */
export const textOrAbsent = (row: Row, column: string): string | undefined =>
  row[column] === null || row[column] === undefined ? undefined : text(row, column);
/** The reader's own bytes, and no Buffer: a Buffer's `slice` is no copy. */
export const blob = (row: Row, column: string): Uint8Array => {
  const value: unknown = row[column];
  if (value instanceof Uint8Array) {
    return new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
  }
  throw new TypeError(`column ${column} is no blob`);
};
