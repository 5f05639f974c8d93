// Everything the speed layer knows of one partition, as a pure fold over its records: the same prefix
// gives the same rows, whoever folds it and however it was cut into batches. No clock, no effects.
import {
  type Cut,
  type DatasetSettings,
  type EventColumns,
  type Fingerprint,
  Fold,
  type Metric,
  ROW_CUT,
  ROW_EVENT,
  type SpeedRow,
  SUSPECTED,
  TandemError,
  UNCHECKED,
} from "@tandem/shared-logic";
import { type Counters, NO_COUNTS } from "./counters.ts";
import { Dedupe } from "./dedupe/dedupe.ts";

export interface PartitionStart {
  readonly offset: number;
  readonly segment: number;
  readonly seq: number;
  readonly active: readonly Fingerprint[];
  readonly settings: DatasetSettings;
}

export interface MetricSource {
  /** The metric of a fingerprint, or undefined where no folder has its file. */
  readonly byFingerprint: (fp: Fingerprint) => Metric | undefined;
  /** True where the ledger lists it as retired: its file may be gone. */
  readonly isRetired: (fp: Fingerprint) => boolean;
}

export class PartitionState {
  offset: number;
  segment: number;
  seq: number;
  settings: DatasetSettings;
  active: Set<Fingerprint>;
  counters: { -readonly [K in keyof Counters]: Counters[K] } = { ...NO_COUNTS };
  dedupe: Dedupe;
  fold: Fold;
  /** Rows of closed segments that no flush took yet. */
  closed: SpeedRow[] = [];
  starts: { readonly fp: Fingerprint; readonly at: number }[] = [];
  private readonly source: MetricSource;
  private rows = new Uint32Array(1024);
  private doubts = new Uint8Array(1024);

  constructor(start: PartitionStart, source: MetricSource) {
    this.offset = start.offset;
    this.segment = start.segment;
    this.seq = start.seq;
    this.settings = start.settings;
    this.active = new Set(start.active);
    this.source = source;
    this.dedupe = new Dedupe(start.settings);
    this.fold = this.newFold();
  }

  /** Folds a batch that begins at `offset`; `to` is the offset to read from next. */
  apply(columns: EventColumns, to: number): void {
    if (columns.count > this.rows.length) {
      this.rows = new Uint32Array(columns.count * 2);
      this.doubts = new Uint8Array(columns.count * 2);
    }
    const n = this.foldUpToCuts(columns);
    this.foldRows(columns, n);
    this.counters.skippedOffsets += to - this.offset - columns.count;
    this.offset = to;
  }

  /** Takes the cuts, with all rows before them. How many events behind the last one `this.rows` has. */
  private foldUpToCuts(columns: EventColumns): number {
    let n = 0;
    for (let row = 0; row < columns.count; row++) {
      const kind = columns.rowKinds[row];
      if (kind === ROW_EVENT) {
        this.rows[n++] = row;
      } else if (kind === ROW_CUT) {
        this.foldRows(columns, n);
        n = 0;
        this.counters.cuts++;
        this.takeCut(columns.cut(row), columns.offsets[row]! + 1);
      } else {
        this.counters.deadLettered++;
      }
    }
    return n;
  }

  /** Absolute rows of everything touched since the last call, those of closed segments first. */
  takeRows(): SpeedRow[] {
    const rows = this.closed;
    this.closed = [];
    const open = this.fold.takeDirty(this.segment, this.offset);
    return rows.length > 0 ? [...rows, ...open] : open;
  }

  /** Judges and folds the events `this.rows[0, n)`. */
  private foldRows(columns: EventColumns, n: number): void {
    const { rows, doubts, counters } = this;
    const came = this.fold.readsCopies ? rows.slice(0, n) : undefined;
    const m = this.dedupe.judge(columns, rows, doubts, n);
    counters.duplicate += n - m;
    let [suspected, unchecked] = [0, 0];
    for (let i = 0; i < m; i++) {
      if (doubts[i] === SUSPECTED) suspected++;
      else if (doubts[i] === UNCHECKED) unchecked++;
    }
    counters.suspected += suspected;
    counters.unchecked += unchecked;
    counters.counted += m - suspected - unchecked;
    this.fold.fold(columns, rows, doubts, m);
    if (!came || m === n) return;
    let kept = 0;
    const copies = came.filter((row) => {
      if (kept === m || row !== rows[kept]) return true;
      kept++;
      return false;
    });
    this.fold.foldCopies(columns, copies, copies.length);
  }

  /** `at` is one past the cut's record: the end of the open segment and the id of the next. */
  private takeCut(cut: Cut, at: number): void {
    if (cut.seq <= this.seq) return;
    this.seq = cut.seq;
    this.closed = [...this.closed, ...this.fold.takeDirty(this.segment, at)];
    this.segment = at;
    const before = this.active.size;
    let changed = false;
    for (const fp of cut.retires) changed = this.active.delete(fp) || changed;
    for (const fp of cut.activates) {
      if (this.active.has(fp)) continue;
      this.active.add(fp);
      this.starts.push({ fp, at });
    }
    changed ||= this.active.size !== before;
    if (cut.settings) this.settings = cut.settings;
    if (changed) this.fold = this.newFold();
    else this.fold.reset();
  }

  private newFold(): Fold {
    const metrics: Metric[] = [];
    for (const fp of [...this.active].sort()) {
      const metric = this.source.byFingerprint(fp);
      if (metric) metrics.push(metric);
      else if (!this.source.isRetired(fp)) {
        throw new TandemError("metric_missing", {
          message: `metric ${fp} is active in the log but no metric folder has its file: put the file back, or retire the metric`,
          details: { fingerprint: fp },
        });
      }
    }
    return new Fold(metrics, "approx");
  }
}
