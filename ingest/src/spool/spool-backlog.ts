// What waits on disk: records of each partition in the order they came, how many and how large, and up to
// where they are delivered. The position is committed after the delivery, so that a crash between the two
// delivers again and never skips. Not being able to write is an answer here, never a throw.
import {
  type AppendRecord,
  type Clock,
  type EventLog,
  type RecordBatch,
  TandemError,
} from "@tandem/shared-logic";
import type { SinkResult } from "../collector/event-sink.ts";
import { disclose, enclose, type SpooledRecord, spooledBytes } from "./spooled-record.ts";

/** A log of the collector's own that gives the disk of delivered records back. */
export interface SpoolLog extends EventLog {
  dropBelow(dataset: string, partition: number, offset: number): Promise<void>;
}

export interface BacklogOptions {
  readonly spool: SpoolLog;
  readonly dataset: string;
  readonly partitions: number;
  readonly maxBytes: number;
  readonly clock: Clock;
  readonly onTrouble: (what: string) => void;
}

export interface Head {
  readonly records: readonly SpooledRecord[];
  /** Offset in the spool. */
  readonly from: number;
}

const GROUP = "delivered";
const MEASURE_BYTES = 1024 * 1024;
/** Full ends a good deal below the limit, or it would begin and end with every record. */
const FULL_ENDS = 0.9;

/** Offsets of the first record that waits, by partition; empty where the spool never had the dataset. */
export async function undelivered(spool: EventLog, dataset: string): Promise<number[]> {
  const [ranges, committed] = [await spool.ranges(dataset), await spool.committed(dataset, GROUP)];
  return ranges.map(({ start, end }, p) => Math.min(end, Math.max(start, committed[p] ?? start)));
}

export async function hasUndelivered(spool: EventLog, dataset: string): Promise<boolean> {
  const ranges = await spool.ranges(dataset);
  return (await undelivered(spool, dataset)).some((from, p) => from < (ranges[p]?.end ?? 0));
}

export class SpoolBacklog {
  readonly partitions: number;
  bytes = 0;
  records = 0;
  private readonly o: BacklogOptions;
  /** By partition, with those that are being written. */
  private readonly waiting: number[];
  private readonly oldestMs: (number | undefined)[];
  private readonly next: number[];
  private refused = false;

  private constructor(options: BacklogOptions, next: number[]) {
    this.o = options;
    this.partitions = options.partitions;
    this.next = next;
    this.waiting = next.map(() => 0);
    this.oldestMs = next.map(() => undefined);
  }

  /** Finds what an earlier process has left. */
  static async open(options: BacklogOptions): Promise<SpoolBacklog> {
    const { spool, dataset, partitions } = options;
    await spool.create(dataset, partitions);
    const found = await spool.partitions(dataset);
    if (found !== partitions) {
      throw new TandemError("configuration", {
        message: `spool.dir (TANDEM_SPOOL_DIR) was written for ${found} partitions of ${dataset}, not ${partitions}: it is another installation's; use another folder`,
        details: { dataset, found, partitions },
      });
    }
    const backlog = new SpoolBacklog(options, await undelivered(spool, dataset));
    for (let p = 0; p < partitions; p++) await backlog.measure(p);
    return backlog;
  }

  /** New records of the partition come behind others. */
  waits(partition: number): boolean {
    const count = this.waiting[partition];
    if (count === undefined) throw new RangeError(`partition ${partition}`);
    return count > 0;
  }

  /** Records were refused for want of room, and there is none yet. */
  get full(): boolean {
    return this.refused && this.records > 0;
  }

  /** When the oldest record came; undefined where none waits. */
  get oldest(): number | undefined {
    const known = this.oldestMs.filter((ms) => ms !== undefined);
    return known.length === 0 ? undefined : Math.min(...known);
  }

  /** From now on the records wait, or none of them does: there is no room. */
  reserve(records: readonly AppendRecord[]): boolean {
    const sizeBytes = records.reduce((sum, r) => sum + spooledBytes(r), 0);
    this.refused = this.bytes + sizeBytes > this.o.maxBytes;
    if (this.refused) return false;
    for (const record of records) this.count(record, 1);
    return true;
  }

  /** Makes reserved records durable, or takes the reservation back. */
  async put(records: readonly AppendRecord[]): Promise<readonly SinkResult[]> {
    const { spool, dataset, clock } = this.o;
    const now = clock.now();
    for (const { partition } of records) this.oldestMs[partition] ??= now;
    const results = await spool
      .append(
        dataset,
        records.map((record) => enclose(record, now)),
      )
      .then((all) => all.map((r): SinkResult => (r.ok ? { ok: true, spooled: true } : r)))
      .catch((error: Error) => records.map((): SinkResult => ({ ok: false, error })));
    for (const [i, record] of records.entries()) if (!results[i]?.ok) this.count(record, -1);
    return results;
  }

  /** The first records that wait; undefined where none can be read. */
  async head(partition: number, maxBytes: number): Promise<Head | undefined> {
    const from = this.next[partition] ?? 0;
    const batch = await this.read(partition, from, maxBytes);
    if (batch.count === 0) return undefined;
    const records = disclose(batch);
    this.oldestMs[partition] = records[0]?.spooledMs;
    return { records, from };
  }

  /** The first `count` records of the head are in the log. */
  async delivered(partition: number, { records, from }: Head, count: number): Promise<void> {
    const { spool, dataset, maxBytes, onTrouble } = this.o;
    const to = from + count;
    this.next[partition] = to;
    for (const record of records.slice(0, count)) this.count(record, -1);
    if (this.bytes <= maxBytes * FULL_ENDS) this.refused = false;
    try {
      await spool.commit(dataset, GROUP, partition, to);
      await spool.dropBelow(dataset, partition, to);
    } catch (error) {
      // Delivered all the same; after a restart it is delivered again.
      onTrouble(`the spool does not remember what it delivered: ${(error as Error).message}`);
    }
  }

  private read(partition: number, from: number, maxBytes: number): Promise<RecordBatch> {
    return this.o.spool.read(this.o.dataset, partition, from, maxBytes);
  }

  private async measure(partition: number): Promise<void> {
    let from = this.next[partition] ?? 0;
    for (;;) {
      const batch = await this.read(partition, from, MEASURE_BYTES);
      if (batch.count === 0) return;
      const records = disclose(batch);
      this.oldestMs[partition] ??= records[0]?.spooledMs;
      for (const record of records) this.count(record, 1);
      from = batch.to;
    }
  }

  private count(record: AppendRecord, by: 1 | -1): void {
    const { partition } = record;
    const waiting = (this.waiting[partition] ?? 0) + by;
    this.waiting[partition] = waiting;
    this.records += by;
    this.bytes += by * spooledBytes(record);
    if (waiting === 0) this.oldestMs[partition] = undefined;
  }
}
