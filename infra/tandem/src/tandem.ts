// All layers in one process: the composition root of `tandem run` and of the commands. Where the ports are
// real servers and the layers processes of their own, a command has the same parts but runs no loop.
import { parquetCodec } from "@tandem/adapters/parquet";
import {
  isAttached,
  loadMetrics,
  openStack,
  requiredDataset,
  sha256Hex,
  type TandemConfig,
} from "@tandem/adapters/stack";
import {
  Batch,
  type BatchOutcome,
  type BatchPorts,
  type BatchRequest,
  createDataset,
  Heals,
  Reconciler,
  Replays,
  Retention,
  rulesOf,
} from "@tandem/batch-layer";
import type { Archiver } from "@tandem/ingest";
import { AskedDays, ChangeFeed, QueryEngine } from "@tandem/serving";
import { type DatasetRow, keepRunning, type Metric } from "@tandem/shared-logic";
import type { SpeedWorker } from "@tandem/speed-layer";
import { archivers, type Place, speedWorkers } from "./partition-loops.ts";
import {
  configOf,
  type OpenPorts,
  PORTS,
  type TandemOptions,
  type TandemPorts,
} from "./tandem-options.ts";
import { codecOf, type Threads, tasksOf, threadsOf } from "./threads/threads.ts";

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
  private readonly stack: OpenPorts;
  private readonly pool: Threads | undefined;
  private readonly onError: (error: unknown, where: string) => void;
  private readonly onFatal: (error: unknown, where: string) => void;
  private readonly stop = new AbortController();
  private loops: Promise<void>[] = [];

  private constructor(
    config: TandemConfig,
    ports: OpenPorts,
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
    this.pool = threadsOf(config, options);
    const unitPorts = { objects: ports.objects, codec: parquetCodec, sha256: sha256Hex };
    const tasks = tasksOf(this.pool, unitPorts, this.metrics);
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
    const { runRowBytes, speedRowBytes, cursorSecret } = config.serving;
    const { queryCells: costCells, queryMetrics } = config.serving;
    const limits = { costCells, metrics: queryMetrics };
    const secret = cursorSecret === undefined ? {} : { cursorSecret };
    const kept = { limits, runRowBytes, speedRowBytes, ...secret };
    const served = { metrics: this.metrics, dataset: dataset.dataset, asked, ...kept };
    this.queries = new QueryEngine({ ...ports, ...served });
    this.changes = new ChangeFeed(this.metrics);
    const at: Place = { config, ports, options, dataset, metrics: this.metrics };
    this.workers = speedWorkers(at, (flush) => this.changes.flushed(flush));
    const codec = codecOf(this.pool);
    this.archivers = archivers(at, codec, (error) => this.onError(error, "archive"));
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
