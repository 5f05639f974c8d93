// The speed worker of one partition: read -> dedupe -> fold -> flush, and a checkpoint now and then.
// Harmless as a zombie: what it writes is a fold of the log's prefix, and rows and positions only grow.
import {
  type CheckpointStore,
  type Clock,
  type ColumnScanner,
  type CutRow,
  cutKey,
  type DatasetRow,
  datasetKey,
  type EpochMs,
  type EventLog,
  type Fingerprint,
  type Flush,
  firstReceivedMs,
  type Metric,
  type Notifications,
  type StopSignal,
  TandemError,
  type Telemetry,
  type TracedRecord,
  type ViewStore,
} from "@tandem/shared-logic";
import { batchBytes } from "./batch-bytes.ts";
import { announceCells } from "./cell-updates.ts";
import { Checkpoints, type TakenCheckpoint } from "./checkpoint.ts";
import { flushRestMs } from "./flush-rest.ts";
import { lastReceivedMs } from "./last-received.ts";
import { PartitionState } from "./partition-state.ts";
import { Saving } from "./saving.ts";
import { usableHead } from "./usable-head.ts";

export interface SpeedOptions {
  /** Longest wait between folding a record and flushing it, unless behind. Default 100. */
  readonly flushMs?: number;
  /** Time between checkpoints. Default 15,000. */
  readonly checkpointMs?: number;
  /** Bytes asked of the log at once. Default 1 MiB. */
  readonly readBytes?: number;
}

export interface SpeedPorts {
  readonly log: EventLog;
  readonly views: ViewStore;
  readonly checkpoints: CheckpointStore;
  readonly clock: Clock;
  readonly telemetry?: Telemetry;
  /** Whoever listens hears which cells changed. */
  readonly notifications?: Pick<Notifications, "publish">;
  /** Told of each flush once the views have it; it must not throw. */
  readonly onFlush?: (flush: Flush) => void;
  /** Told of records with a trace once a flush to `to` has made them visible. */
  readonly onVisible?: (traces: readonly TracedRecord[], to: number) => void;
}

export interface SpeedPlace {
  readonly dataset: string;
  readonly partition: number;
  /** Unlike any other worker's, ever. */
  readonly owner: string;
}

/** Of one flush. */
const MOST_TRACES = 1000;
/** Multiples of it, without their whole part, lie far apart from each other. */
const GOLDEN_SHARE = 0.618;

export class SpeedWorker {
  readonly place: SpeedPlace;
  private readonly ports: SpeedPorts;
  private readonly options: Required<SpeedOptions>;
  private readonly metrics: ReadonlyMap<Fingerprint, Metric>;
  private readonly scanner: ColumnScanner;
  private readonly files: Checkpoints;
  private state: PartitionState | undefined;
  private flushedAt = 0;
  private flushTookMs = 0;
  private fullReads = 0;
  private checkpointedAt = 0;
  private checkpointDueAt = 0;
  private readonly saving = new Saving();
  private flushedTo = -1;
  /** Received time of the event that was read last; of all read, one may lie far ahead. */
  private receivedMs = Number.NEGATIVE_INFINITY;
  /** Received time of the oldest record that no flush has shown yet. */
  private oldestMs: number | undefined;
  /** Folded with a trace, and not shown yet. */
  private traces: TracedRecord[] = [];

  /** `scanner`: made for the fields of all of `metrics`; not shared with another worker. */
  constructor(
    ports: SpeedPorts,
    place: SpeedPlace,
    metrics: readonly Metric[],
    scanner: ColumnScanner,
    options: SpeedOptions = {},
  ) {
    this.ports = ports;
    this.place = place;
    this.metrics = new Map(metrics.map((m) => [m.fingerprint, m]));
    this.scanner = scanner;
    this.files = new Checkpoints(ports.checkpoints, place.dataset, place.partition, place.owner);
    this.options = { flushMs: 100, checkpointMs: 15_000, readBytes: 1 << 20, ...options };
  }

  /** Where the fold stands; undefined before `open`. */
  get current(): PartitionState | undefined {
    return this.state;
  }

  /** When the last checkpoint was written, or this worker opened. */
  get checkpointMs(): number {
    return this.checkpointedAt;
  }

  /**
   * Loads the checkpoint, or begins at genesis. Throws `checkpoint_refused` where the checkpoint lies
   * outside the log, and `metric_missing` where an active metric has no file.
   */
  async open(): Promise<void> {
    const { dataset, partition } = this.place;
    const row = await this.ports.views.ledger(datasetKey(dataset));
    if (!row)
      throw new TandemError("configuration", { message: `dataset ${dataset} was not created` });
    const creation = JSON.parse(row.value) as DatasetRow;
    const cutRow = await this.ports.views.ledger(cutKey(dataset));
    const retired = new Set(cutRow ? (JSON.parse(cutRow.value) as CutRow).retired : []);
    const source = {
      byFingerprint: (fp: Fingerprint) => this.metrics.get(fp),
      isRetired: (fp: Fingerprint) => retired.has(fp),
    };
    const genesis = creation.genesis[partition] ?? 0;
    const head = await usableHead(this.ports, this.place, this.files, genesis);
    const { first: active, settings } = creation;
    const first = { offset: genesis, segment: genesis, seq: 0, active, settings };
    this.state = new PartitionState(head ?? first, source);
    if (head && !(await this.files.restore(head, this.state)))
      this.state = new PartitionState(first, source);
    if (this.state.offset === genesis)
      this.state.starts = creation.first.map((fp) => ({ fp, at: genesis }));
    // The store may have lost what was not durable: write every live block again.
    this.state.fold.markAllDirty();
    this.flushedTo = -1;
    this.flushedAt = this.ports.clock.now();
    this.checkpointedAt = this.flushedAt;
    // Workers that open together do not save together.
    const share = 1 - ((partition * GOLDEN_SHARE) % 1);
    this.checkpointDueAt = this.flushedAt + share * this.options.checkpointMs;
  }

  /** Folds one batch; its size in bytes, or 0 where there is none. Does not flush. */
  async fold(): Promise<number> {
    const state = this.opened();
    const { dataset, partition } = this.place;
    const { readBytes } = this.options;
    const batch = await this.ports.log.read(dataset, partition, state.offset, readBytes);
    const sizeBytes = batchBytes(batch);
    this.fullReads = sizeBytes > readBytes / 2 ? this.fullReads + 1 : 0;
    if (batch.to === state.offset) return 0;
    this.oldestMs ??= firstReceivedMs(batch);
    const columns = this.scanner.scan(batch);
    this.receivedMs = lastReceivedMs(columns) ?? this.receivedMs;
    state.apply(columns, batch.to);
    batch.release?.();
    if (batch.traces) this.traces.push(...batch.traces.slice(0, MOST_TRACES - this.traces.length));
    return Math.max(1, sizeBytes);
  }

  /** Makes everything folded so far visible, then moves the position. */
  async flush(): Promise<void> {
    const state = this.opened();
    const to = state.offset;
    if (to === this.flushedTo && state.closed.length === 0) return;
    const began = this.ports.clock.now();
    const rows = state.takeRows();
    const starts = state.starts;
    state.starts = [];
    const { dataset, partition } = this.place;
    const received = state.dedupe.receivedMs;
    const asOf = (Number.isFinite(received) ? received : 0) as EpochMs;
    const flush: Flush = { dataset, partition, to, asOf, starts, rows };
    try {
      await this.ports.views.flush(flush);
    } catch (error) {
      // Nothing is lost: what was not taken is written again by the next flush.
      state.starts = [...starts, ...state.starts];
      state.closed = [...rows, ...state.closed];
      throw error;
    }
    this.flushedTo = to;
    this.flushedAt = this.ports.clock.now();
    this.flushTookMs = this.flushedAt - began;
    this.ports.onFlush?.(flush);
    this.announce(flush);
    if (this.traces.length > 0) this.ports.onVisible?.(this.traces.splice(0), to);
    if (this.oldestMs === undefined) return;
    const visibleMs = Math.max(0, this.flushedAt - this.oldestMs);
    this.oldestMs = undefined;
    this.ports.telemetry?.observe("accepted_to_visible_seconds", visibleMs / 1000);
  }

  private announce(flush: Flush): void {
    const { notifications, telemetry } = this.ports;
    if (!notifications) return;
    const skipped = announceCells(notifications, this.metrics, flush);
    if (skipped > 0) telemetry?.add("cell_updates_skipped_total", skipped);
  }

  /** Resolves once a checkpoint of everything folded stands. */
  async checkpoint(): Promise<void> {
    await this.saving.end();
    await this.beginCheckpoint();
    await this.saving.end();
  }

  /** Flush, make it durable, then save; the order is the contract. Of the last, only the beginning is awaited. */
  private async beginCheckpoint(): Promise<void> {
    await this.flush();
    await this.ports.views.sync();
    const state = this.opened();
    this.checkpointDueAt = this.ports.clock.now() + this.options.checkpointMs;
    this.saving.begin(this.save(state, this.files.take(state)));
  }

  private async save(state: PartitionState, taken: TakenCheckpoint): Promise<void> {
    const { dataset, partition } = this.place;
    try {
      await this.files.write(taken);
    } catch (error) {
      this.files.lose(state);
      throw error;
    }
    this.checkpointedAt = this.ports.clock.now();
    await this.ports.log.commit(dataset, "speed", partition, taken.head.offset);
  }

  /** Folds and flushes until nothing is left to read. */
  async catchUp(): Promise<void> {
    while ((await this.fold()) > 0) {
      if (this.flushDue()) await this.flush();
    }
    await this.flush();
  }

  /** Works until the signal aborts, then leaves a checkpoint. Nothing of it is under way when it ends. */
  async run(signal: StopSignal): Promise<void> {
    try {
      while (!signal.aborted) {
        const sizeBytes = await this.fold();
        if (this.flushDue() || sizeBytes === 0) await this.flush();
        await this.saving.endIfOver();
        if (!this.saving.begun && this.ports.clock.now() >= this.checkpointDueAt)
          await this.beginCheckpoint();
        if (sizeBytes === 0) await this.waitForRecords(signal);
        // Small batches: let more arrive, so that one fold and one flush serve them all.
        else if (sizeBytes < this.options.readBytes / 4 && !signal.aborted)
          await this.breathe(signal);
      }
      await this.checkpoint();
    } finally {
      await this.saving.settled();
    }
  }

  private async waitForRecords(signal: StopSignal): Promise<void> {
    const state = this.opened();
    const { dataset, partition } = this.place;
    const leftMs = this.saving.begun ? 1000 : this.checkpointDueAt - this.ports.clock.now();
    await this.ports.log.waitFor(
      dataset,
      partition,
      state.offset,
      Math.max(1, Math.min(leftMs, 1000)),
      signal,
    );
  }

  private async breathe(signal: StopSignal): Promise<void> {
    const sinceMs = this.ports.clock.now() - this.flushedAt;
    if (sinceMs < this.options.flushMs / 4) {
      await this.ports.clock
        .sleep(this.options.flushMs / 4 - sinceMs, signal)
        .catch(() => undefined);
    }
  }

  private flushDue(): boolean {
    const beganAt = this.flushedAt - this.flushTookMs;
    const ageMs = this.ports.clock.now() - this.receivedMs;
    const behind = { fullReads: this.fullReads, ageMs };
    const restMs = flushRestMs(behind, this.flushTookMs, this.options);
    return this.ports.clock.now() - beganAt >= restMs;
  }

  private opened(): PartitionState {
    if (!this.state) throw new RangeError("the worker is not open");
    return this.state;
  }
}
