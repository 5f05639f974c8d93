// Folds columns into the cells of many metrics at once: the one loop that both layers run, speed with the
// approximate algebras, batch with the exact ones. The result is a function of the rows folded since the
// last reset, in order; only the admission of groups beyond the limit depends on the order.
import type { EventColumns } from "../events/event-columns.ts";
import { groupValues } from "../metrics/group.ts";
import type { Metric } from "../metrics/metric.ts";
import { type SpeedRow, SURE, SUSPECTED } from "../ports/view-store.ts";
import { decodeBlock } from "./block.ts";
import { type CellValue, putCellValues } from "./cell-value.ts";
import { conditionMask } from "./condition-mask.ts";
import { type Filter, foldPlan, type Side } from "./fold-plan.ts";
import {
  type BlockRow,
  type CellStates,
  type Keying,
  type Member,
  makeRoom,
  putRows,
  rowOfBlock,
  speedRowOfBlock,
} from "./keying.ts";
import { type CopyText, withMadeFields } from "./made-fields.ts";
import { fieldsOfAll } from "./metric-paths.ts";
import { locate, locateRolledUp, resetStep, type Step } from "./steps.ts";

export type { CellValue };

/** What one pass over rows leaves behind is still near when the next one reads it. */
const ROWS_AT_ONCE = 8192;

export class Fold {
  readonly metrics: readonly Metric[];
  readonly fields: readonly string[];
  private readonly side: Side;
  private readonly filters: readonly Filter[];
  private slots = new Int32Array(1024);
  private picked = new Uint32Array(1024);
  private pickedDoubts = new Uint8Array(1024);
  /** No keying is rolled up from another one any more. */
  private independent = false;
  /** Rows were folded since what is rolled up was added up. */
  private unsummed = false;

  /** `limit`: overrides the metrics' own group limits (batch folds without one and ranks afterwards). */
  constructor(metrics: readonly Metric[], side: Side, limit?: number) {
    this.metrics = metrics;
    this.side = side;
    this.fields = fieldsOfAll(metrics);
    this.filters = foldPlan(metrics, side, limit);
  }

  /** Folds rows `rows[0, n)`, events in offset order, each with its doubt (`doubts[i]` for `rows[i]`). */
  fold(columns: EventColumns, rows: Uint32Array, doubts: Uint8Array, n: number): void {
    if (n === 0) return;
    this.makeScratch(n);
    let made: EventColumns | undefined;
    for (const filter of this.filters) {
      if (filter.copies) continue;
      if (filter.made) made ??= withMadeFields(columns, () => "first");
      this.foldFilter(filter, filter.made && made ? made : columns, rows, doubts, n);
    }
    if (!this.readsCopies) return;
    // Whether a doubtful event is counted at all is not what these metrics ask: it came, and may be a copy.
    this.foldCopying(columns, rows, new Uint8Array(n), n, "first");
    const doubtful = rows.subarray(0, n).filter((_, i) => doubts[i] !== SURE);
    const suspected = new Uint8Array(doubtful.length).fill(SUSPECTED);
    this.foldCopying(columns, doubtful, suspected, doubtful.length, "unsure");
  }

  /** Folds rows that are sure to be copies of earlier events, for the metrics that read `copy`. */
  foldCopies(columns: EventColumns, rows: Uint32Array, n: number): void {
    if (this.readsCopies) this.foldCopying(columns, rows, new Uint8Array(n), n, "again");
  }

  get readsCopies(): boolean {
    return this.filters.some((f) => f.copies);
  }

  private foldCopying(
    columns: EventColumns,
    rows: Uint32Array,
    doubts: Uint8Array,
    n: number,
    copy: CopyText,
  ): void {
    if (n === 0) return;
    this.makeScratch(n);
    const made = withMadeFields(columns, () => copy);
    for (const f of this.filters) if (f.copies) this.foldFilter(f, made, rows, doubts, n);
  }

  private makeScratch(n: number): void {
    if (this.slots.length >= n) return;
    this.slots = new Int32Array(n * 2);
    this.picked = new Uint32Array(n * 2);
    this.pickedDoubts = new Uint8Array(n * 2);
  }

  private foldFilter(
    filter: Filter,
    columns: EventColumns,
    rows: Uint32Array,
    doubts: Uint8Array,
    n: number,
  ): void {
    let [r, d, m] = [rows, doubts, n];
    if (filter.where) {
      m = this.pick(conditionMask(filter.where, columns), rows, doubts, n);
      [r, d] = [this.picked, this.pickedDoubts];
    }
    for (let from = 0; from < m; from += ROWS_AT_ONCE) {
      const until = Math.min(m, from + ROWS_AT_ONCE);
      const [some, theirs] = [r.subarray(from, until), d.subarray(from, until)];
      for (const step of filter.steps) this.foldStep(step, columns, some, theirs, until - from);
    }
  }

  private pick(mask: Uint8Array, rows: Uint32Array, doubts: Uint8Array, n: number): number {
    let m = 0;
    for (let i = 0; i < n; i++) {
      const row = rows[i]!;
      if (mask[row] === 0) continue;
      this.picked[m] = row;
      this.pickedDoubts[m++] = doubts[i]!;
    }
    return m;
  }

  private foldStep(
    step: Step,
    columns: EventColumns,
    rows: Uint32Array,
    doubts: Uint8Array,
    n: number,
  ): void {
    const { keying: k, rollUp } = step;
    if (step.slots && step.slots.length < n) step.slots = new Int32Array(n * 2);
    const slots = step.slots ?? this.slots;
    if (!rollUp || this.independent) {
      locate(step, columns, rows, doubts, n, slots);
      makeRoom(k);
      countEvents(k.events, slots, n);
      for (const s of k.states) s.kernel.fold(columns, rows, slots, n, s.skipped);
      return;
    }
    this.unsummed = true;
    rollUp.follow(k);
    if (rollUp.direct.length === 0 && !step.slots) return;
    makeRoom(k);
    locateRolledUp(step, n, slots);
    for (const s of rollUp.direct) s.kernel.fold(columns, rows, slots, n, s.skipped);
  }

  /** What is rolled up is made good. */
  private sum(): void {
    if (!this.unsummed) return;
    this.unsummed = false;
    for (const { steps } of this.filters)
      for (const { keying, rollUp } of steps) rollUp?.sum(keying);
  }

  /** From here on every keying is folded by itself: cells are taken or put back one by one. */
  private separate(): void {
    this.sum();
    this.independent = true;
  }

  /** Blocks touched since the last take, as absolute rows of a segment up to `to`. */
  takeDirty(segment: number, to: number): SpeedRow[] {
    this.separate();
    const rows = this.roomOf((k) => k.index.dirtyCount);
    let n = 0;
    for (const k of this.keyings()) {
      const { dirtyBlocks, dirtyCount, blockCount } = k.index;
      for (const s of k.states) s.taken.makeRoom(dirtyCount, blockCount);
      for (let at = 0; at < dirtyCount; at++) {
        const block = dirtyBlocks[at]!;
        for (let i = 0; i < k.states.length; i++) {
          const s = k.states[i]!;
          const row = speedRowOfBlock(k, s, block, segment, to);
          s.taken.take(block, row);
          n = putRows(rows, n, s, row);
        }
      }
      k.index.clean();
    }
    return rows;
  }

  /** Blocks that `takeDirty` gave since `markSaved`, as they were given last. */
  unsavedRows(): SpeedRow[] {
    const rows = this.roomOf((_, s) => s.taken.count);
    let n = 0;
    for (const k of this.keyings())
      for (const s of k.states)
        s.taken.each((row) => {
          n = putRows(rows, n, s, row);
        });
    return rows;
  }

  /** For the rows of so many blocks, at once: lists that grow leave copies behind. */
  private roomOf(blocks: (k: Keying, s: CellStates) => number): SpeedRow[] {
    let n = 0;
    for (const k of this.keyings())
      for (const s of k.states) n += blocks(k, s) * (1 + s.others.length);
    return new Array<SpeedRow>(n);
  }

  /** All blocks, dirty or not, as `takeDirty` gives them. */
  openRows(segment: number, to: number): SpeedRow[] {
    this.sum();
    const rows: SpeedRow[] = [];
    for (const k of this.keyings())
      for (const s of k.states)
        for (let block = 0; block < k.index.blockCount; block++)
          putRows(rows, rows.length, s, speedRowOfBlock(k, s, block, segment, to));
    return rows;
  }

  markSaved(): void {
    for (const k of this.keyings()) for (const s of k.states) s.taken.clear();
  }

  /** All blocks, dirty or not. */
  *rows(): Generator<BlockRow> {
    this.sum();
    for (const k of this.keyings()) {
      for (const s of k.states) {
        for (let block = 0; block < k.index.blockCount; block++) {
          const row = rowOfBlock(k, s, block);
          yield row;
          for (const { metric, set } of s.others) yield { ...row, metric, set };
        }
      }
    }
  }

  /** All cells as what they show; states are neither sorted nor encoded for it where a kernel can count. */
  values(): CellValue[] {
    this.sum();
    const values: CellValue[] = [];
    for (const k of this.keyings()) putCellValues(k, this.side, values);
    return values;
  }

  /** Puts a row that this fold once gave back into its place; the block is then clean. */
  restore(row: Omit<BlockRow, "metric">, metric: Metric): void {
    this.separate();
    for (const k of this.keyings()) {
      for (const s of k.states) {
        const isIts = (m: Member): boolean =>
          m.metric.fingerprint === metric.fingerprint && m.set === row.set;
        if (!isIts(s.first) && !s.others.some(isIts)) continue;
        const block = k.index.restore(row, groupValues(row.group));
        for (const c of decodeBlock(row.state)) {
          const slot = k.index.slotAt(block, c.cell);
          makeRoom(k);
          k.events[slot] = c.events;
          s.skipped[slot] = c.skipped;
          s.kernel.load(slot, c.state);
        }
      }
    }
  }

  markAllDirty(): void {
    this.separate();
    for (const k of this.keyings()) k.index.markAllDirty();
  }

  get blockCount(): number {
    let n = 0;
    for (const k of this.keyings()) n += k.index.blockCount;
    return n;
  }

  reset(): void {
    for (const k of this.keyings()) {
      for (const s of k.states) {
        for (let slot = 0; slot < k.index.slotCount; slot++) s.kernel.clear(slot);
        s.skipped.fill(0);
        s.taken.clear();
      }
      k.events.fill(0);
      k.index.reset();
    }
    for (const { steps } of this.filters) for (const step of steps) resetStep(step);
    this.unsummed = false;
    this.independent = false;
  }

  private *keyings(): Generator<Keying> {
    for (const f of this.filters) yield* f.keyings;
  }
}

function countEvents(events: Float64Array, slots: Int32Array, n: number): void {
  for (let i = 0; i < n; i++) events[slots[i]!]! += 1;
}
