// EventLog over segment files. A record is acknowledged and readable only once it is synced; see
// log/ for the frames, the group commit, the commit files and the recovery. One process owns the folder.
import { setImmediate as nextTurn } from "node:timers/promises";
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
import { DurableFolders, makeFolder } from "./files/durable-folders.ts";
import { orFail } from "./files/file-failure.ts";
import type { FileLayer } from "./files/file-layer.ts";
import { nodeFiles } from "./files/node-files.ts";
import {
  createDataset,
  type DatasetLog,
  type DatasetOptions,
  openDataset,
} from "./log/dataset-log.ts";
import { frameBytes, MAX_PAYLOAD_BYTES } from "./log/frame.ts";
import { usualPatienceMs } from "./log/group-commit.ts";
import { systemClock } from "./system-clock.ts";

export interface FileEventLogOptions {
  /** The operating system's unless given. */
  readonly files?: FileLayer;
  /** For the timeout of `waitFor`; real time unless given. */
  readonly clock?: Clock;
  /** A segment is ended before it grows beyond this; 64 MB unless given. */
  readonly segmentBytes?: number;
  /** A group that has reached this takes no further calls; 4 MB unless given. */
  readonly groupBytes?: number;
  /** How long a group waits for others while many append. See log/group-commit.ts. */
  readonly patienceMs?: (commitMs: number) => number;
  /** Kept in memory per partition; 4 MB unless given. */
  readonly tailBytes?: number;
}

const MEGABYTE = 1024 * 1024;

export class FileEventLog implements EventLog {
  readonly recordChecks = true;
  private readonly folder: string;
  private readonly options: DatasetOptions;
  private readonly folders: DurableFolders;
  private readonly datasetLogs = new Map<string, DatasetLog>();
  private creating: Promise<unknown> = Promise.resolve();
  private closing: Promise<void> | undefined;

  private constructor(folder: string, options: DatasetOptions) {
    this.folder = folder;
    this.options = options;
    this.folders = new DurableFolders(options.files, folder);
  }

  /** Opens and recovers every dataset of the folder, which is made where there is none. */
  static async open(folder: string, options: FileEventLogOptions = {}): Promise<FileEventLog> {
    const files = options.files ?? nodeFiles;
    await makeFolder(files, folder);
    const log = new FileEventLog(folder, {
      files,
      clock: options.clock ?? systemClock(),
      segmentBytes: options.segmentBytes ?? 64 * MEGABYTE,
      groupBytes: options.groupBytes ?? 4 * MEGABYTE,
      patienceMs: options.patienceMs ?? usualPatienceMs,
      tailBytes: options.tailBytes ?? 4 * MEGABYTE,
    });
    try {
      for (const { name, kind } of await files.readdir(folder)) {
        if (kind === "folder") await log.openOne(name);
      }
    } catch (error) {
      await log.close();
      throw error;
    }
    return log;
  }

  async create(dataset: string, partitions: number): Promise<void> {
    if (!/^[A-Za-z0-9_-][A-Za-z0-9._-]*$/.test(dataset))
      throw new RangeError(`dataset name ${dataset}`);
    if (!(Number.isInteger(partitions) && partitions > 0)) throw new RangeError("no partitions");
    this.mustBeOpen();
    const made = this.creating.then(async () => {
      if (this.datasetLogs.has(dataset)) return;
      await this.folders.ensure(`${this.folder}/${dataset}`);
      await createDataset(this.options.files, `${this.folder}/${dataset}`, partitions);
      await this.openOne(dataset);
    });
    this.creating = made.catch(() => undefined);
    await orFail("log_unavailable", `${this.folder}/${dataset}`, () => made);
  }

  async partitions(dataset: string): Promise<number> {
    this.mustBeOpen();
    return this.datasetLogs.get(dataset)?.partitions.length ?? 0;
  }

  async append(
    dataset: string,
    records: readonly AppendRecord[],
  ): Promise<readonly AppendResult[]> {
    const { partitions, commits } = this.mustHave(dataset);
    for (const r of records) {
      if (partitions[r.partition] === undefined) throw new RangeError(`partition ${r.partition}`);
      const size = frameBytes(r);
      if (size > MAX_PAYLOAD_BYTES) throw new RangeError(`a record of ${size} bytes`);
    }
    if (records.length === 0) return [];
    // One turn up to the await: a call's records share one round, and in a partition stand side by side.
    const round = commits.gather();
    const places: number[] = [];
    for (const r of records) {
      const frames = commits.framesOf(round, r.partition);
      places.push(frames.count);
      frames.add(r);
    }
    await round.done;
    const results: AppendResult[] = [];
    for (let i = 0; i < places.length; i++) {
      const { partition } = records[i]!;
      const committed = round.outcomes[partition];
      if (committed === undefined) throw new RangeError("a partition of a round has an outcome");
      if (committed.base === undefined) results.push({ ok: false, error: committed.error });
      else results.push({ ok: true, partition, offset: committed.base + places[i]! });
    }
    return results;
  }

  async read(
    dataset: string,
    partition: number,
    from: number,
    maxBytes: number,
  ): Promise<RecordBatch> {
    const log = this.mustHavePartition(dataset, partition);
    const batch = await orFail("log_unavailable", this.folder, () => log.read(from, maxBytes));
    // What memory gives takes no time: whoever works it off and reads on would let nobody else have a turn.
    if (batch.count > 0) await nextTurn();
    return batch;
  }

  async ranges(dataset: string): Promise<readonly OffsetRange[]> {
    this.mustBeOpen();
    return this.datasetLogs.get(dataset)?.partitions.map((p) => p.range) ?? [];
  }

  async waitFor(
    dataset: string,
    partition: number,
    offset: number,
    timeoutMs: number,
    signal?: StopSignal,
  ): Promise<void> {
    const log = this.mustHavePartition(dataset, partition);
    if (log.range.end <= offset) await log.waiters.wait(offset, timeoutMs, signal);
  }

  async commit(dataset: string, group: string, partition: number, offset: number): Promise<void> {
    this.mustHavePartition(dataset, partition);
    const { positions } = this.mustHave(dataset);
    const place = `${this.folder}/${dataset}`;
    await orFail("log_unavailable", place, () => positions.commit(group, partition, offset));
  }

  async committed(dataset: string, group: string): Promise<readonly (number | undefined)[]> {
    this.mustBeOpen();
    const log = this.datasetLogs.get(dataset);
    const offsets = log?.positions.committed(group) ?? [];
    return Array.from({ length: log?.partitions.length ?? 0 }, (_, p) => offsets[p]);
  }

  /** Not of the port: the names of all. */
  get datasets(): readonly string[] {
    return [...this.datasetLogs.keys()];
  }

  /** Not of the port: gives back the disk of whole segments below `offset`. */
  async dropBelow(dataset: string, partition: number, offset: number): Promise<void> {
    await this.mustHavePartition(dataset, partition).dropBelow(offset);
  }

  close(): Promise<void> {
    this.closing ??= this.closeAll();
    return this.closing;
  }

  private async closeAll(): Promise<void> {
    await this.creating;
    for (const { partitions, commits, commitFiles, positions } of this.datasetLogs.values()) {
      await commits.idle();
      await commitFiles.close();
      for (const p of partitions) await p.close();
      // Advisory, and the disk may be what failed.
      await positions.save().catch(() => undefined);
    }
  }

  private async openOne(dataset: string): Promise<void> {
    const opened = await openDataset(this.options, `${this.folder}/${dataset}`);
    if (opened !== undefined) this.datasetLogs.set(dataset, opened);
  }

  private mustBeOpen(): void {
    if (this.closing !== undefined) {
      throw new TandemError("log_unavailable", { message: "The event log is closed." });
    }
  }

  private mustHave(dataset: string): DatasetLog {
    this.mustBeOpen();
    const log = this.datasetLogs.get(dataset);
    if (log !== undefined) return log;
    throw new TandemError("log_unavailable", {
      message: `There is no dataset ${dataset} in ${this.folder}.`,
      details: { dataset },
    });
  }

  private mustHavePartition(dataset: string, partition: number) {
    const log = this.mustHave(dataset).partitions[partition];
    if (log === undefined) throw new RangeError(`partition ${partition}`);
    return log;
  }
}
