// Where archive objects end: behind the first record that is an effective cut, or the N-th, or the one
// that brings the bytes to B. A pure function of the log's records from the object's first one on, so
// that every archiver, whenever it reads and in batches of whatever size, cuts at the same offsets.
import {
  type Cut,
  decodeCut,
  RECORD_CUT,
  RECORD_MAGIC,
  type RecordBatch,
  TandemError,
} from "@tandem/shared-logic";

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
    const [start, end] = [batch.starts[i]!, batch.ends[i]!];
    records++;
    bytes += end - start;
    const cut = cutOf(batch.bytes, start, end);
    const effective = cut !== undefined && cut.seq > seq;
    if (effective) seq = cut.seq;
    if (effective || records >= limits.records || bytes >= limits.bytes) {
      return { open: { records, bytes, seq }, until: i + 1, closed: true };
    }
  }
  return { open: { records, bytes, seq }, until: batch.count, closed: false };
}

/** The cut a record is; undefined where it is none, or one that cannot be read. */
function cutOf(bytes: Uint8Array, start: number, end: number): Cut | undefined {
  if (end - start < 3 || bytes[start] !== RECORD_MAGIC || bytes[start + 2] !== RECORD_CUT)
    return undefined;
  try {
    return decodeCut(bytes.subarray(start, end));
  } catch (error) {
    if (error instanceof TandemError && error.code === "corrupt_bytes") return undefined;
    throw error;
  }
}
