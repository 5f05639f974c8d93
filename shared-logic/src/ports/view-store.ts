// Views: speed rows with their positions, run rows, what was dropped, and the ledger.
//
//  1. A speed row is an absolute state of (cell, doubt) over [segment, to) of one partition. `flush`
//     keeps the row with the highest `to`: a lower one changes nothing, nor does an equal one, because it
//     is the same. Where equal ones differ all the same, one of them stands whole.
//  2. `flush` makes visible first the starts (each only where none stands), then the rows, then the
//     position. A reader may see a part of a flush, but only a prefix in that order; rows among
//     themselves in any order. A flush may be repeated.
//  3. A position never moves back: a lower `to` changes nothing; `asOf` is the largest given.
//  4. A flush need not be durable. `sync` resolves once everything written before its call is; a power
//     cut before it takes back a suffix of the writes, never one from the middle.
//  5. `readSpeed` returns the rows of one metric, tenant and set whose cell starts in [from, until), of
//     all partitions and segments, in any order; only groups in `groups` where it is given. Where `above` is
//     given, rows whose `to` is at or below it may be left out: whoever asks has them.
//  6. `dropSpeed` records the drop durably, per (metric, day, partition), and only then deletes rows with
//     `segment` below it. A recorded drop never goes down.
//  7. Run rows are immutable: written under a run id before it is published, by at-least-once batches
//     (same key, same content). `readBack` counts and checksums what is really stored.
//     `scanRun` yields each stored row of a run once, in any order, some at a time. `copyRun` writes the rows
//     of one run but those named under the id of another, as they are stored; it may be repeated.
//  8. `cas` changes a ledger row only where its version is the expected one (0: absent), is durable when it
//     resolves true, and changes nothing when false. Versions only grow.
//  9. `ledgerRows` lists rows below a prefix, in key order.
// 10. Every call is bounded in time and throws `store_unavailable` rather than hang.
import type { Fingerprint } from "../metrics/fingerprint.ts";
import type { StoredGrain } from "../time/calendar.ts";
import type { EpochMs, UtcDay } from "../time/epoch-ms.ts";

export const SURE = 0;
/** A filter hit that nothing confirms: perhaps a duplicate. */
export const SUSPECTED = 1;
/** Beyond the filters' reach: could not be deduplicated. */
export const UNCHECKED = 2;
export type Doubt = typeof SURE | typeof SUSPECTED | typeof UNCHECKED;

export interface SpeedRow {
  readonly fp: Fingerprint;
  readonly tenant: string;
  /** Index into the metric's grouping sets; 0 is the total. */
  readonly set: number;
  /** Canonical group text (metrics/group.ts). */
  readonly group: string;
  /** Start of the cell, at the metric's finest grain. */
  readonly startMs: EpochMs;
  readonly segment: number;
  /** Exclusive. */
  readonly to: number;
  readonly doubt: Doubt;
  readonly events: number;
  readonly skipped: number;
  readonly state: Uint8Array;
}

export interface StoredSpeedRow extends SpeedRow {
  readonly partition: number;
}

export interface Flush {
  readonly dataset: string;
  readonly partition: number;
  /** Exclusive offset everything below which is in `rows` or was flushed before. */
  readonly to: number;
  /** The log's clock at `to`: received time of the newest record below it, or now when caught up. */
  readonly asOf: EpochMs;
  readonly starts: readonly { readonly fp: Fingerprint; readonly at: number }[];
  readonly rows: readonly SpeedRow[];
}

export interface Position {
  readonly to: number;
  readonly asOf: EpochMs;
}

export interface SpeedQuery {
  readonly dataset: string;
  readonly fp: Fingerprint;
  readonly tenant: string;
  readonly set: number;
  /** Cell starts, half-open. */
  readonly from: EpochMs;
  readonly until: EpochMs;
  readonly groups?: readonly string[];
  /** By partition; Infinity: none of its rows is needed. */
  readonly above?: readonly number[];
}

export interface RunRow {
  readonly tenant: string;
  readonly set: number;
  readonly group: string;
  readonly grain: StoredGrain | "week" | "month";
  /** May lie outside the run's day: the states of its reach. */
  readonly startMs: EpochMs;
  readonly events: number;
  readonly skipped: number;
  /** The exact value as plain decimal text, or null; absent for cells of the reach. */
  readonly value?: string | null;
  /** Encoded approximate state. */
  readonly state: Uint8Array;
}

/** What no two rows of a run share. */
export type RunRowKey = Pick<RunRow, "tenant" | "set" | "grain" | "startMs" | "group">;

export interface RunQuery {
  readonly run: string;
  readonly tenant: string;
  readonly set: number;
  readonly grain: RunRow["grain"];
  readonly from: EpochMs;
  readonly until: EpochMs;
  readonly groups?: readonly string[];
}

export interface RunSum {
  readonly count: number;
  /** Order-independent checksum over all rows (overlay/run-checksum.ts). */
  readonly checksum: string;
}

export interface LedgerRow {
  readonly key: string;
  readonly version: number;
  /** JSON text. */
  readonly value: string;
}

export interface ViewStore {
  flush(flush: Flush): Promise<void>;
  sync(): Promise<void>;
  /** By partition; undefined where nothing was flushed yet. */
  positions(dataset: string, partitions: number): Promise<readonly (Position | undefined)[]>;
  /** By partition; undefined is missing, never genesis. */
  starts(
    dataset: string,
    fp: Fingerprint,
    partitions: number,
  ): Promise<readonly (number | undefined)[]>;
  readSpeed(query: SpeedQuery): Promise<readonly StoredSpeedRow[]>;
  /** By day in [from, until), then by partition: rows with a segment below it are gone; 0 where none. */
  dropped(
    dataset: string,
    fp: Fingerprint,
    from: UtcDay,
    until: UtcDay,
    partitions: number,
  ): Promise<ReadonlyMap<UtcDay, readonly number[]>>;
  dropSpeed(dataset: string, fp: Fingerprint, day: UtcDay, below: readonly number[]): Promise<void>;
  writeRun(run: string, rows: readonly RunRow[]): Promise<void>;
  readBack(run: string): Promise<RunSum>;
  scanRun(run: string): AsyncIterable<readonly RunRow[]>;
  copyRun(from: string, to: string, without: readonly RunRowKey[]): Promise<void>;
  readRun(query: RunQuery): Promise<readonly RunRow[]>;
  removeRun(run: string): Promise<void>;
  ledger(key: string): Promise<LedgerRow | undefined>;
  ledgerRows(prefix: string): Promise<readonly LedgerRow[]>;
  cas(key: string, expectedVersion: number, value: string): Promise<boolean>;
  close(): Promise<void>;
}
