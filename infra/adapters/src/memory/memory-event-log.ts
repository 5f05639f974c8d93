// EventLog in memory, for tests and simulations on virtual time: durable at once, gone with the
// object. Bytes are copied in, so that it behaves like one that writes them away.
import {
  type AppendRecord,
  type AppendResult,
  type Clock,
  type EventLog,
  type OffsetRange,
  type RecordBatch,
  type StopSignal,
  TandemError,
} from "@tandem/shared-logic";
import { OffsetWaiters } from "../embedded/log/offset-waiters.ts";
import { systemClock } from "../embedded/system-clock.ts";

interface Partition {
  readonly values: Uint8Array[];
  readonly waiters: OffsetWaiters;
  start: number;
}

interface Dataset {
  readonly partitions: readonly Partition[];
  readonly groups: Map<string, (number | undefined)[]>;
}

export class MemoryEventLog implements EventLog {
  private readonly clock: Clock;
  private readonly datasets = new Map<string, Dataset>();
  private closed = false;

  /** `clock` is for the timeout of `waitFor`. */
  constructor(clock: Clock = systemClock()) {
    this.clock = clock;
  }

  async create(dataset: string, partitions: number): Promise<void> {
    this.mustBeOpen();
    if (this.datasets.has(dataset)) return;
    this.datasets.set(dataset, {
      groups: new Map(),
      partitions: Array.from({ length: partitions }, () => ({
        values: [],
        waiters: new OffsetWaiters(this.clock),
        start: 0,
      })),
    });
  }

  async partitions(dataset: string): Promise<number> {
    this.mustBeOpen();
    return this.datasets.get(dataset)?.partitions.length ?? 0;
  }

  async append(
    dataset: string,
    records: readonly AppendRecord[],
  ): Promise<readonly AppendResult[]> {
    for (const { partition } of records) this.partition(dataset, partition);
    const results = records.map(({ partition, value }): AppendResult => {
      const { values, start } = this.partition(dataset, partition);
      values.push(value.slice());
      return { ok: true, partition, offset: start + values.length - 1 };
    });
    for (const p of this.dataset(dataset).partitions) p.waiters.wake(p.start + p.values.length);
    return results;
  }

  async read(
    dataset: string,
    partition: number,
    from: number,
    maxBytes: number,
  ): Promise<RecordBatch> {
    const { values, start } = this.partition(dataset, partition);
    const end = start + values.length;
    if (!(from >= start && from <= end)) {
      throw new TandemError("offset_out_of_range", {
        details: { dataset, partition, from, start, end },
      });
    }
    const taken: Uint8Array[] = [];
    let sizeBytes = 0;
    for (let i = from - start; i < values.length; i++) {
      const value = values[i] ?? new Uint8Array(0);
      if (taken.length > 0 && sizeBytes + value.length > maxBytes) break;
      taken.push(value);
      sizeBytes += value.length;
    }
    const bytes = new Uint8Array(sizeBytes);
    const starts = new Int32Array(taken.length);
    const ends = new Int32Array(taken.length);
    let at = 0;
    for (const [i, value] of taken.entries()) {
      bytes.set(value, at);
      starts[i] = at;
      at += value.length;
      ends[i] = at;
    }
    const offsets = Float64Array.from(taken, (_, i) => from + i);
    return {
      partition,
      to: from + taken.length,
      count: taken.length,
      bytes,
      starts,
      ends,
      offsets,
      // As bad as it may be for whoever reads on.
      release: () => void bytes.fill(0xff),
    };
  }

  async ranges(dataset: string): Promise<readonly OffsetRange[]> {
    this.mustBeOpen();
    const partitions = this.datasets.get(dataset)?.partitions ?? [];
    return partitions.map(({ start, values }) => ({ start, end: start + values.length }));
  }

  async waitFor(
    dataset: string,
    partition: number,
    offset: number,
    timeoutMs: number,
    signal?: StopSignal,
  ): Promise<void> {
    const { waiters, start, values } = this.partition(dataset, partition);
    if (start + values.length <= offset) await waiters.wait(offset, timeoutMs, signal);
  }

  async commit(dataset: string, group: string, partition: number, offset: number): Promise<void> {
    this.partition(dataset, partition);
    const { groups } = this.dataset(dataset);
    const offsets = groups.get(group) ?? [];
    offsets[partition] = Math.max(offset, offsets[partition] ?? offset);
    groups.set(group, offsets);
  }

  async committed(dataset: string, group: string): Promise<readonly (number | undefined)[]> {
    this.mustBeOpen();
    const found = this.datasets.get(dataset);
    const offsets = found?.groups.get(group) ?? [];
    return (found?.partitions ?? []).map((_, p) => offsets[p]);
  }

  /** Not of the port: forgets records below `offset`, as retention would. */
  async dropBelow(dataset: string, partition: number, offset: number): Promise<void> {
    const p = this.partition(dataset, partition);
    p.start += p.values.splice(0, Math.max(0, offset - p.start)).length;
  }

  async close(): Promise<void> {
    this.closed = true;
    for (const { partitions } of this.datasets.values()) {
      for (const p of partitions) p.waiters.wake(Number.POSITIVE_INFINITY);
    }
  }

  private mustBeOpen(): void {
    if (this.closed) throw new TandemError("log_unavailable", { message: "The log is closed." });
  }

  private dataset(dataset: string): Dataset {
    this.mustBeOpen();
    const found = this.datasets.get(dataset);
    if (found !== undefined) return found;
    throw new TandemError("log_unavailable", { message: `There is no dataset ${dataset}.` });
  }

  private partition(dataset: string, partition: number): Partition {
    const found = this.dataset(dataset).partitions[partition];
    if (found === undefined) throw new RangeError(`partition ${partition}`);
    return found;
  }
}
