// All layers in one process on the embedded adapters: the composition root. What is wired here differs
// from separate processes only in the adapters and in who calls `start`.
import { createHash, randomUUID } from "node:crypto";
import { mkdir } from "node:fs/promises";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import {
  FileCheckpointStore,
  FileEventLog,
  FolderObjectStore,
  fileDeadLetters,
  SqliteViewStore,
} from "@tandem/adapters/embedded";
import { parquetCodec } from "@tandem/adapters/parquet";
import {
  Batch,
  type BatchOutcome,
  type BatchRequest,
  createDataset,
  inlineTasks,
  type TaskRunner,
} from "@tandem/batch-layer";
import { Archiver, type ObjectLimits } from "@tandem/ingest";
import { QueryEngine } from "@tandem/serving";
import {
  type ArchiveCodec,
  type CheckpointStore,
  type Clock,
  ColumnScanner,
  type DatasetRow,
  type DatasetSettings,
  DEFAULT_DATASET,
  type DeadLetters,
  type EventLog,
  fieldsOf,
  type Metric,
  type ObjectStore,
  TandemError,
  type ViewStore,
} from "@tandem/shared-logic";
import { type SpeedOptions, SpeedWorker } from "@tandem/speed-layer";
import { loadMetrics } from "./metrics/metric-folders.ts";
import { ThreadPool } from "./threads/thread-pool.ts";

export interface TandemOptions {
  readonly dataDir: string;
  readonly metricFolders?: readonly string[];
  readonly clock: Clock;
  /** Of a dataset created now. Default 4. */
  readonly partitions?: number;
  /** Folding settings of a dataset created now. */
  readonly settings?: DatasetSettings;
  readonly speed?: SpeedOptions;
  /** Where archive objects end. */
  readonly objectLimits?: ObjectLimits;
  /** Worker threads for batch and archive; 0: in this thread. Default: half of the cores, at least 1. */
  readonly threads?: number;
  /** Told of every failure that a loop tries again after or stops at. */
  readonly onError?: (error: unknown, where: string) => void;
  /** Told where a loop has stopped for good: nothing that it feeds moves on until the process is started again. */
  readonly onFatal?: (error: unknown, where: string) => void;
}

export interface TandemPorts {
  readonly log: EventLog;
  readonly views: ViewStore;
  readonly objects: ObjectStore;
  readonly checkpoints: CheckpointStore;
  readonly deadLetters: DeadLetters;
  readonly clock: Clock;
}

const RETRY_MS = 1000;

export const sha256Hex = (bytes: Uint8Array): string =>
  createHash("sha256").update(bytes).digest("hex");

/** The folders of a data directory. */
export const foldersOf = (dataDir: string) => ({
  log: join(dataDir, "log"),
  objects: join(dataDir, "objects"),
  checkpoints: join(dataDir, "checkpoints"),
  deadLetters: join(dataDir, "dead-letters"),
  views: join(dataDir, "views.sqlite"),
});

export class Tandem {
  readonly ports: TandemPorts;
  readonly metrics: readonly Metric[];
  readonly dataset: DatasetRow;
  readonly batch: Batch;
  readonly queries: QueryEngine;
  readonly workers: readonly SpeedWorker[];
  readonly archivers: readonly Archiver[];
  private readonly pool: ThreadPool | undefined;
  private readonly onError: (error: unknown, where: string) => void;
  private readonly onFatal: (error: unknown, where: string) => void;
  private readonly stop = new AbortController();
  private loops: Promise<void>[] = [];

  private constructor(
    ports: TandemPorts,
    options: TandemOptions,
    metrics: readonly Metric[],
    dataset: DatasetRow,
  ) {
    this.ports = ports;
    this.metrics = metrics.filter((m) => m.dataset === dataset.dataset);
    this.dataset = dataset;
    this.onError = options.onError ?? (() => undefined);
    this.onFatal = options.onFatal ?? (() => undefined);
    const threads = options.threads ?? Math.max(1, Math.floor(availableParallelism() / 2));
    const start = {
      objects: foldersOf(options.dataDir).objects,
      metricFolders: options.metricFolders ?? [],
    };
    const pool = threads > 0 ? new ThreadPool(start, threads) : undefined;
    this.pool = pool;
    const codec: ArchiveCodec = pool
      ? {
          ...parquetCodec,
          encode: (partition, batches) => pool.bytes({ kind: "encode", partition, batches }),
        }
      : parquetCodec;
    const unitPorts = { objects: ports.objects, codec: parquetCodec, sha256: sha256Hex };
    const byFingerprint = new Map(this.metrics.map((m) => [m.fingerprint, m]));
    const tasks: TaskRunner = pool
      ? (task) => pool.rows({ kind: "batch", task })
      : inlineTasks(unitPorts, (fp) => byFingerprint.get(fp));
    this.batch = new Batch({ ...ports, ...unitPorts, tasks }, dataset.dataset, this.metrics);
    this.queries = new QueryEngine({ ...ports, metrics: this.metrics, dataset: dataset.dataset });
    const fields = [...new Set(["event_id", ...this.metrics.flatMap(fieldsOf)])];
    const owner = randomUUID().slice(0, 8);
    this.workers = dataset.genesis.map(
      (_, partition) =>
        new SpeedWorker(
          ports,
          { dataset: dataset.dataset, partition, owner },
          this.metrics,
          new ColumnScanner(fields),
          options.speed,
        ),
    );
    this.archivers = dataset.genesis.map(
      (genesis, partition) =>
        new Archiver({
          ...ports,
          codec,
          dataset: dataset.dataset,
          partition,
          genesis,
          ...(options.objectLimits && { limits: options.objectLimits }),
          onRetry: (e) => this.onError(e, "archive"),
        }),
    );
  }

  /** Opens a data directory, creating what is missing; the caller owns the directory's lock. */
  static async open(options: TandemOptions): Promise<Tandem> {
    const metrics = await loadMetrics(options.metricFolders ?? []);
    const ports = await openPorts(options);
    const first = metrics.filter((m) => m.dataset === DEFAULT_DATASET).map((m) => m.fingerprint);
    const dataset = await createDataset(
      ports,
      DEFAULT_DATASET,
      options.partitions ?? 4,
      first,
      options.settings,
    );
    const tandem = new Tandem(ports, options, metrics, dataset);
    for (const worker of tandem.workers) await worker.open();
    return tandem;
  }

  /** Starts the speed workers and archivers; they run until `close`. */
  start(
    parts: { readonly speed: boolean; readonly archive: boolean } = { speed: true, archive: true },
  ): void {
    const { signal } = this.stop;
    this.loops = [
      ...(parts.speed ? this.workers : []).map((w) =>
        this.keepRunning(`speed/${w.place.partition}`, () => w.run(signal)),
      ),
      ...(parts.archive ? this.archivers : []).map((a, p) =>
        this.keepRunning(`archive/${p}`, () => a.run(signal)),
      ),
    ];
  }

  /** Runs a loop again after failures that may pass; stops at any other, and says so. */
  private async keepRunning(where: string, loop: () => Promise<void>): Promise<void> {
    while (!this.stop.signal.aborted) {
      try {
        return await loop();
      } catch (error) {
        const passing = error instanceof TandemError && error.retryable;
        this.onError(error, where);
        if (!passing) {
          this.onFatal(error, where);
          return;
        }
        await pause(RETRY_MS, undefined, { signal: this.stop.signal }).catch(() => undefined);
      }
    }
  }

  get started(): boolean {
    return this.loops.length > 0;
  }

  /** Without `start`: folds and flushes everything in the log, and leaves a checkpoint. */
  async catchUp(): Promise<void> {
    for (const worker of this.workers) await worker.catchUp();
    for (const worker of this.workers) await worker.checkpoint();
  }

  /** A batch run, with the archive and the speed layer brought along where no loop does it. */
  async runBatch(request: BatchRequest = {}): Promise<BatchOutcome> {
    if (this.started) return this.batch.run(request);
    const done = new AbortController();
    const pumped = this.pump(done.signal);
    try {
      return await this.batch.run(request);
    } finally {
      done.abort();
      await pumped;
      await this.catchUp();
    }
  }

  private async pump(signal: AbortSignal): Promise<void> {
    await Promise.all(
      this.archivers.map((a) => a.run(signal).catch((e: unknown) => this.onError(e, "archive"))),
    );
  }

  /** Stops the loops (workers leave a checkpoint), then closes the stores. */
  async close(): Promise<void> {
    this.stop.abort();
    await Promise.all(this.loops);
    await this.pool?.close();
    await this.ports.log.close();
    await this.ports.deadLetters.close();
    await this.ports.views.close();
    await this.ports.objects.close();
  }
}

async function openPorts(options: TandemOptions): Promise<TandemPorts> {
  const folders = foldersOf(options.dataDir);
  await mkdir(options.dataDir, { recursive: true });
  const log = await FileEventLog.open(folders.log);
  const objects = await FolderObjectStore.open(folders.objects);
  const checkpoints = await FileCheckpointStore.open(folders.checkpoints);
  const deadLetters = await fileDeadLetters(folders.deadLetters, options.clock);
  const views = new SqliteViewStore(folders.views);
  return { log, views, objects, checkpoints, deadLetters, clock: options.clock };
}
