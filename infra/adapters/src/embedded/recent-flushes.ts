// Where the newest flushes of this connection wrote: reading what was flushed above a position looks at these hours,
// not at the whole range. It knows nothing of what other connections write: once one has, it begins anew.
import type { Flush, SpeedQuery } from "@tandem/shared-logic";
import { int, type SqliteFile } from "./sqlite-file.ts";

/** Numbers of a stretch: series, first and last start. */
const STRETCH = 3;
/** Stretches that are kept of a partition; a series that flushes every second has some minutes. */
const MOST = 4096;

const PARTITIONS = "SELECT coalesce(max(partition) + 1, 0) FROM position WHERE dataset = ?";
const ROW_PARTITIONS = "SELECT coalesce(max(partition) + 1, 0) FROM speed";

/** Starts in [from, until). */
export interface StartRange {
  readonly from: number;
  readonly until: number;
  /** There are no rows of other partitions than those that were asked for. */
  readonly alone: boolean;
}

const NOTHING: StartRange = { from: 0, until: 0, alone: true };

/** What a transaction wrote: rows of one series that come one after the other are a stretch. */
export class Stretches {
  private numbers = new Float64Array(16 * STRETCH);
  private at = -STRETCH;
  /** The highest `to`. */
  to = 0;

  begin(series: number, startMs: number): void {
    this.at += STRETCH;
    if (this.at === this.numbers.length) {
      const more = new Float64Array(2 * this.numbers.length);
      more.set(this.numbers);
      this.numbers = more;
    }
    this.numbers[this.at] = series;
    this.numbers[this.at + 1] = startMs;
    this.numbers[this.at + 2] = startMs;
  }

  add(startMs: number, to: number): void {
    const { numbers, at } = this;
    if (startMs < numbers[at + 1]!) numbers[at + 1] = startMs;
    if (startMs > numbers[at + 2]!) numbers[at + 2] = startMs;
    if (to > this.to) this.to = to;
  }

  get list(): Float64Array {
    return this.numbers.slice(0, this.at + STRETCH);
  }
}

interface Flushed {
  /** At least that of each before it. */
  readonly to: number;
  readonly stretches: Float64Array;
}

interface Partition {
  /** All that was flushed with a `to` above it is in the list. */
  floor: number;
  readonly list: Flushed[];
  stretches: number;
}

interface Dataset {
  /** All that have a position. */
  partitions: number;
  readonly flushed: Map<number, Partition>;
}

export class RecentFlushes {
  private readonly file: SqliteFile;
  private readonly datasets = new Map<string, Dataset>();
  private version: number | undefined;
  /** All that have rows, of whatever dataset. */
  private rowPartitions: number | undefined;

  constructor(file: SqliteFile) {
    this.file = file;
  }

  /** A change that fails may have been made: nobody knows what is there then. */
  change(body: () => void): void {
    try {
      body();
    } catch (error) {
      this.forget();
      throw error;
    }
  }

  private forget(): void {
    this.datasets.clear();
    this.rowPartitions = undefined;
  }

  /** `written` is committed: all of the flush, or a part of it. */
  note(flush: Pick<Flush, "dataset" | "partition" | "to">, written: Stretches): void {
    const { dataset, partition } = flush;
    const { list: stretches } = written;
    const own = this.datasetOf(dataset);
    own.partitions = Math.max(own.partitions, partition + 1);
    if (this.rowPartitions !== undefined)
      this.rowPartitions = Math.max(this.rowPartitions, partition + 1);
    let known = own.flushed.get(partition);
    const to = Math.max(flush.to, written.to, known?.list.at(-1)?.to ?? 0);
    if (known === undefined) {
      known = { floor: to, list: [], stretches: 0 };
      own.flushed.set(partition, known);
    }
    known.list.push({ to, stretches });
    known.stretches += stretches.length / STRETCH;
    while (known.stretches > MOST) {
      const oldest = known.list.shift();
      if (oldest === undefined) break;
      known.stretches -= oldest.stretches.length / STRETCH;
      known.floor = Math.max(known.floor, oldest.to);
    }
  }

  /**
   * What has to be read of a series for the rows above `above`; undefined: nobody knows. Rows of before this connection
   * that lie above a position count as known to whoever read since its first flush.
   */
  above(series: number, { dataset, from, until, above }: SpeedQuery): StartRange | undefined {
    if (above === undefined || this.isOther()) return undefined;
    const { partitions, flushed } = this.datasetOf(dataset);
    if (partitions > above.length) return undefined;
    let [first, last] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
    for (const [partition, to] of above.entries()) {
      if (to === Number.POSITIVE_INFINITY) continue;
      const known = flushed.get(partition);
      if (known === undefined || to < known.floor) return undefined;
      // From the newest on: mostly it is the only one.
      for (let n = known.list.length - 1; n >= 0; n--) {
        const { to: reached, stretches } = known.list[n]!;
        if (reached <= to) break;
        for (let i = 0; i < stretches.length; i += STRETCH) {
          if (stretches[i] !== series) continue;
          first = Math.min(first, stretches[i + 1]!);
          last = Math.max(last, stretches[i + 2]!);
        }
      }
    }
    if (first > last) return NOTHING;
    this.rowPartitions ??= int(this.file.get(ROW_PARTITIONS), 0);
    const alone = this.rowPartitions <= above.length;
    return { from: Math.max(from, first), until: Math.min(until, last + 1), alone };
  }

  /** Another connection has written since this was asked last (https://sqlite.org/pragma.html#pragma_data_version). */
  private isOther(): boolean {
    const version = int(this.file.get("PRAGMA data_version"), 0);
    if (version === this.version) return false;
    this.version = version;
    this.forget();
    return true;
  }

  private datasetOf(dataset: string): Dataset {
    let own = this.datasets.get(dataset);
    if (own === undefined) {
      own = { partitions: int(this.file.get(PARTITIONS, dataset), 0), flushed: new Map() };
      this.datasets.set(dataset, own);
    }
    return own;
  }
}
