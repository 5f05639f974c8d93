// Where archive objects end: behind the first record that is an effective cut, or the N-th, or the one
// that brings the bytes to B. A pure function of the log's records from the object's first one on, so
// that every archiver, whenever it reads and in batches of whatever size, cuts at the same offsets.
import {
  ColumnScanner,
  type Cut,
  RECORD_CUT,
  RECORD_HEADER_BYTES,
  RECORD_MAGIC,
  type RecordBatch,
  ROW_CUT,
} from "@tandem/shared-logic";
import { sliceBatch } from "./record-batches.ts";

export interface ObjectLimits {
  readonly records: number;
  /** Of record values. */
  readonly bytes: number;
}

export const OBJECT_LIMITS: ObjectLimits = { records: 100_000, bytes: 32 * 1024 * 1024 };

/** An object that has begun. */
export interface OpenObject {
  readonly records: number;
  readonly bytes: number;
  /** Highest effective seq so far, earlier objects included. */
  readonly seq: number;
}

export const openObject = (seq: number): OpenObject => ({ records: 0, bytes: 0, seq });

export interface Extended {
  readonly open: OpenObject;
  /** Records [row, until) of the batch belong to the object. */
  readonly until: number;
  /** True where the object ends with the last of them. */
  readonly closed: boolean;
}

/** The object takes records of the batch from `row` on, up to its end or the batch's. */
export function extendObject(
  object: OpenObject,
  batch: RecordBatch,
  row: number,
  limits: ObjectLimits,
): Extended {
  let { records, bytes, seq } = object;
  for (let i = row; i < batch.count; i++) {
    records++;
    bytes += batch.ends[i]! - batch.starts[i]!;
    const cut = cutOf(batch, i);
    const effective = cut !== undefined && cut.seq > seq;
    if (effective) seq = cut.seq;
    if (effective || records >= limits.records || bytes >= limits.bytes) {
      return { open: { records, bytes, seq }, until: i + 1, closed: true };
    }
  }
  return { open: { records, bytes, seq }, until: batch.count, closed: false };
}

const scanner = new ColumnScanner([]);

/** The cut a record is, as every reader of the log sees it; undefined where it is none. */
function cutOf(batch: RecordBatch, row: number): Cut | undefined {
  const start = batch.starts[row]!;
  if (batch.ends[row]! - start < RECORD_HEADER_BYTES) return undefined;
  if (batch.bytes[start] !== RECORD_MAGIC || batch.bytes[start + 2] !== RECORD_CUT)
    return undefined;
  const columns = scanner.scan(sliceBatch(batch, row, row + 1));
  return columns.rowKinds[0] === ROW_CUT ? columns.cut(0) : undefined;
}
