// The log of a dataset: partitions of records, each at an offset that never changes.
//
//  1. `append` resolves only when every record it calls accepted is durable and will survive a power cut.
//  2. Within one partition, records of one call keep their order, and a later call lands behind an
//     earlier one that was resolved. Offsets only grow; none is used twice, not even after a crash.
//  3. A result is per record: an offset, or an error after which the record may or may not be in the
//     log (the caller says `retry`; duplicates are the readers' business).
//  4. A record is readable only once it is durable. `read` never returns one that a crash could take back.
//  5. `read` returns records from `from` on, in offset order, at least one where there is one, at most
//     about `maxBytes` (one record may exceed it); none where `from` is the end. `to` is the offset to
//     read from next, also where offsets were skipped.
//  6. `from` below the start or beyond the end throws `offset_out_of_range` with `start` and `end`.
//  7. `waitFor` resolves once the end lies above `offset`, after `timeoutMs`, when the signal aborts or
//     when the log is closed, whichever is first; it never rejects for these.
//  8. `create` is idempotent; the number of partitions of an existing dataset does not change.
//  9. A group's committed offset is advisory and never moves backwards.
// 10. Genesis offsets are those of the first record ever; retention moves `start`, never genesis.
// 11. After `close`, calls throw `log_unavailable`; records already accepted are safe.
// 12. Where there is no such dataset, `ranges` and `committed` are empty, and `append`, `read`, `waitFor`
//     and `commit` throw `log_unavailable`.
// 13. A record's `traceparent` is for operators: a log keeps it beside the record and gives it back in
//     `traces`, or loses it. Records without one cost nothing.
import type { StopSignal } from "./clock.ts";

export interface AppendRecord {
  readonly partition: number;
  /** The partition key, for logs that store one. */
  readonly key: Uint8Array;
  readonly value: Uint8Array;
  /** W3C Trace Context of the request that it came with. */
  readonly traceparent?: string;
}

/** A record that was appended with a `traceparent`. */
export interface TracedRecord {
  readonly offset: number;
  readonly traceparent: string;
}

export type AppendResult =
  | { readonly ok: true; readonly partition: number; readonly offset: number }
  | { readonly ok: false; readonly error: Error };

/** Records as one buffer: record i is bytes[starts[i], ends[i]) at offsets[i]. */
export interface RecordBatch {
  readonly partition: number;
  /** Next offset to read from. */
  readonly to: number;
  readonly count: number;
  readonly bytes: Uint8Array;
  readonly starts: Int32Array;
  readonly ends: Int32Array;
  readonly offsets: Float64Array;
  /** Absent where no record has one. */
  readonly traces?: readonly TracedRecord[];
  /**
   * Says that nobody reads `bytes` any more: the log may read other records to that memory. Where it is not called, the
   * batch stays as it is. May be repeated.
   */
  release?(): void;
}

export interface OffsetRange {
  /** Inclusive. */
  readonly start: number;
  /** Exclusive: the offset the next record gets. */
  readonly end: number;
}

export interface EventLog {
  /** It keeps `PackedRecord.check` with each record, and makes those that a record comes without. */
  readonly recordChecks?: boolean;
  create(dataset: string, partitions: number): Promise<void>;
  /** Number of partitions; 0 where there is no such dataset. */
  partitions(dataset: string): Promise<number>;
  append(dataset: string, records: readonly AppendRecord[]): Promise<readonly AppendResult[]>;
  read(dataset: string, partition: number, from: number, maxBytes: number): Promise<RecordBatch>;
  /** By partition. */
  ranges(dataset: string): Promise<readonly OffsetRange[]>;
  waitFor(
    dataset: string,
    partition: number,
    offset: number,
    timeoutMs: number,
    signal?: StopSignal,
  ): Promise<void>;
  commit(dataset: string, group: string, partition: number, offset: number): Promise<void>;
  committed(dataset: string, group: string): Promise<readonly (number | undefined)[]>;
  close(): Promise<void>;
}
