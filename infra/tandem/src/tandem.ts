// All layers in one process: the composition root of `tandem run` and of the commands. Where the ports are
// real servers and the layers processes of their own, a command has the same parts but runs no loop.
import { randomUUID } from "node:crypto";
import { availableParallelism } from "node:os";
import { parquetCodec } from "@tandem/adapters/parquet";
import {
  isAttached,
  loadConfig,
  loadMetrics,
  openStack,
  requiredDataset,
  type Stack,
  sha256Hex,
  type TandemConfig,
  ThreadPool,
} from "@tandem/adapters/stack";
import {
  Batch,
  type BatchOutcome,
  type BatchPorts,
  type BatchRequest,
  createDataset,
  Heals,
  inlineTasks,
  Reconciler,
  Replays,
  Retention,
  rulesOf,
  type TaskRunner,
} from "@tandem/batch-layer";
import { Archiver, type ObjectLimits } from "@tandem/ingest";
import { AskedDays, ChangeFeed, QueryEngine } from "@tandem/serving";
import {
  type ArchiveCodec,
  type CheckpointStore,
  type Clock,
  ColumnScanner,
  type DatasetRow,
  type DatasetSettings,
  type DeadLetters,
  type EventLog,
  fieldsOf,
  keepRunning,
  type Metric,
  type ObjectStore,
  type Telemetry,
  type ViewStore,
} from "@tandem/shared-logic";
import { type SpeedOptions, type SpeedPorts, SpeedWorker } from "@tandem/speed-layer";
import type { ThreadResult, ThreadTask } from "./threads/thread-task.ts";

export interface TandemOptions {
  readonly dataDir: string;
  readonly metricFolders?: readonly string[];
  /** Everything else that can be set; the two above go before it. */
  readonly config?: TandemConfig;
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
  readonly telemetry?: Telemetry;
  /** Told of records that came with a trace, once they are in the views. */
  readonly onVisible?: NonNullable<SpeedPorts["onVisible"]>;
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

const PORTS = ["log", "views", "objects", "checkpoints", "deadLetters"] as const;

export function configOf(
  o: Pick<TandemOptions, "config" | "dataDir" | "metricFolders">,
): TandemConfig {
  const base = o.config ?? loadConfig({ env: {} }).config;
  return { ...base, dataDir: o.dataDir, metricFolders: [...(o.metricFolders ?? [])] };
}

export class Tandem {
  readonly ports: TandemPorts;
  readonly metrics: readonly Metric[];
  readonly dataset: DatasetRow;
  /** What the batch layer works with. */
  readonly batchPorts: BatchPorts & TandemPorts;
  readonly batch: Batch;
  readonly heals: Heals;
  readonly reconciler: Reconciler;
  readonly retention: Retention;
  readonly replays: Replays;
  readonly queries: QueryEngine;
  /** Told of what the speed workers have flushed. */
  readonly changes: ChangeFeed;
  readonly workers: readonly SpeedWorker[];
  readonly archivers: readonly Archiver[];
  readonly config: TandemConfig;
  /** The layers are other processes: nothing is folded, archived or created here. */
  readonly attached: boolean;
  private readonly stack: Stack<(typeof PORTS)[number]>;
  private readonly pool: ThreadPool<ThreadTask, ThreadResult> | undefined;
  private readonly onError: (error: unknown, where: string) => void;
  private readonly onFatal: (error: unknown, where: string) => void;
  private readonly stop = new AbortController();
  private loops: Promise<void>[] = [];

  private constructor(
    config: TandemConfig,
    ports: Stack<(typeof PORTS)[number]>,
    options: TandemOptions,
    metrics: readonly Metric[],
    dataset: DatasetRow,
  ) {
    this.config = config;
    this.attached = isAttached(config);
    this.stack = ports;
    this.ports = ports;
    this.metrics = metrics.filter((m) => m.dataset === dataset.dataset);
    this.dataset = dataset;
    this.onError = options.onError ?? (() => undefined);
    this.onFatal = options.onFatal ?? (() => undefined);
    const threads =
      options.threads ??
      config.batch.threads ??
      Math.max(1, Math.floor(availableParallelism() / 2));
    const pool =
      threads > 0
        ? new ThreadPool<ThreadTask, ThreadResult>(
            new URL("./threads/thread-main.ts", import.meta.url),
            config,
            threads,
          )
        : undefined;
    this.pool = pool;
    const codec: ArchiveCodec = pool
      ? {
          ...parquetCodec,
          encode: async (partition, batches) =>
            (await pool.ask({ kind: "encode", partition, batches })).bytes ?? new Uint8Array(0),
        }
      : parquetCodec;
    const unitPorts = { objects: ports.objects, codec: parquetCodec, sha256: sha256Hex };
    const byFingerprint = new Map(this.metrics.map((m) => [m.fingerprint, m]));
    const tasks: TaskRunner = pool
      ? async (task) => (await pool.ask({ kind: "batch", task })).rows ?? []
      : inlineTasks(unitPorts, (fp) => byFingerprint.get(fp));
    const batchPorts = { ...ports, ...unitPorts, tasks };
    this.batchPorts = batchPorts;
    this.batch = new Batch(batchPorts, dataset.dataset, this.metrics);
    this.heals = new Heals(batchPorts, this.batch, dataset.dataset, this.metrics);
    this.reconciler = new Reconciler(batchPorts, this.batch, dataset.dataset, this.metrics);
    const { dataset: named } = dataset;
    const rules = rulesOf(config.retention, named);
    this.retention = new Retention(batchPorts, this.batch, named, this.metrics, rules);
    this.replays = new Replays(batchPorts, this.batch, named, this.metrics);
    const asked = new AskedDays(ports.views, dataset.dataset, ports.clock);
    const { queryCells: costCells, queryMetrics, runRowBytes, cursorSecret } = config.serving;
    const limits = { costCells, metrics: queryMetrics };
    const secret = cursorSecret === undefined ? {} : { cursorSecret };
    const kept = { limits, runRowBytes, ...secret };
    const served = { metrics: this.metrics, dataset: dataset.dataset, asked, ...kept };
    this.queries = new QueryEngine({ ...ports, ...served });
    const fields = [...new Set(["tenant", ...this.metrics.flatMap(fieldsOf)])];
    this.changes = new ChangeFeed(this.metrics);
    const onFlush: SpeedPorts["onFlush"] = (flush) => this.changes.flushed(flush);
    const owner = randomUUID().slice(0, 8);
    this.workers = dataset.genesis.map(
      (_, partition) =>
        new SpeedWorker(
          {
            ...ports,
            onFlush,
            ...(options.telemetry ? { telemetry: options.telemetry } : {}),
            ...(options.onVisible ? { onVisible: options.onVisible } : {}),
          },
          { dataset: dataset.dataset, partition, owner },
          this.metrics,
          new ColumnScanner(fields),
          { ...config.speed, ...options.speed },
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
          limits: options.objectLimits ?? {
            records: config.archive.records,
            bytes: config.archive.sizeBytes,
          },
          onRetry: (e) => this.onError(e, "archive"),
        }),
    );
  }

  /**
   * Opens the ports. A data directory, whose lock the caller owns, and its dataset are made where they are
   * missing; on real servers they must be there.
   */
  static async open(options: TandemOptions): Promise<Tandem> {
    const config = configOf(options);
    const { name, partitions } = config.dataset;
    const metrics = await loadMetrics(config.metricFolders);
    const stack = await openStack(config, { clock: options.clock }, PORTS);
    try {
      const first = metrics.filter((m) => m.dataset === name).map((m) => m.fingerprint);
      const dataset = isAttached(config)
        ? await requiredDataset(config, stack)
        : await createDataset(
            stack,
            name,
            options.partitions ?? partitions,
            first,
            options.settings,
          );
      const tandem = new Tandem(config, stack, options, metrics, dataset);
      if (!tandem.attached) await tandem.openWorkers();
      return tandem;
    } catch (error) {
      await stack.close();
      throw error;
    }
  }

  /** Answers with the runs of a side catalogue; undefined where there is none of that name. */
  async queriesOf(replay: string): Promise<QueryEngine | undefined> {
    const side = await this.replays.portsOf(replay);
    const { metrics } = this;
    return (
      side && new QueryEngine({ ...this.ports, ...side, metrics, dataset: this.dataset.dataset })
    );
  }

  /** Brings the workers to their checkpoints. */
  async openWorkers(): Promise<void> {
    for (const worker of this.workers) if (!worker.current) await worker.open();
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

  private keepRunning(where: string, loop: () => Promise<void>): Promise<void> {
    return keepRunning(where, loop, {
      clock: this.ports.clock,
      signal: this.stop.signal,
      onError: this.onError,
      onFatal: (error) => {
        this.onError(error, where);
        this.onFatal(error, where);
      },
    });
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
  runBatch(request: BatchRequest = {}): Promise<BatchOutcome> {
    return this.withArchive(() => this.batch.run(request));
  }

  /** Work that waits for the archive, which is brought along where no loop does it; then the speed layer is. */
  async withArchive<T>(work: () => Promise<T>): Promise<T> {
    if (this.started || this.attached) return work();
    const done = new AbortController();
    const pumped = this.pump(done.signal);
    try {
      return await work();
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
    await this.stack.close();
  }
}
