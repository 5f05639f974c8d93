// Folds columns into the cells of many metrics at once: the one loop that both layers run, speed with the
// approximate algebras, batch with the exact ones. The result is a function of the rows folded since the
// last reset, in order; only the admission of groups beyond the limit depends on the order.
import { genericKernel } from "../algebra/generic-kernel.ts";
import type { Kernel } from "../algebra/kernel.ts";
import type { EventColumns } from "../events/event-columns.ts";
import { groupValues } from "../metrics/group.ts";
import type { Metric } from "../metrics/metric.ts";
import { type Condition, pathsOfCondition, pathsOfSelector } from "../metrics/selector.ts";
import { SURE, SUSPECTED } from "../ports/view-store.ts";
import { GRAIN_MS } from "../time/calendar.ts";
import type { EpochMs } from "../time/epoch-ms.ts";
import { BlockWriter, decodeBlock } from "./block.ts";
import { type BlockPlace, CellIndex } from "./cell-index.ts";
import { type CellValue, presentSlot } from "./cell-value.ts";
import { conditionMask } from "./condition-mask.ts";
import { COPY, type CopyText, isMade, withMadeFields } from "./made-fields.ts";

export type { CellValue };
export type Side = "exact" | "approx";

/** One block of one metric: an absolute state. */
export interface BlockRow extends BlockPlace {
  readonly metric: Metric;
  /** Index into the metric's grouping sets. */
  readonly set: number;
  readonly events: number;
  readonly skipped: number;
  /** An encoded block (fold/block.ts). */
  readonly state: Uint8Array;
}

interface Member {
  readonly metric: Metric;
  readonly set: number;
  readonly kernel: Kernel;
  skipped: Float64Array;
  /** Rows that `takeDirty` gave since `markSaved`, by block. */
  readonly taken: Map<number, BlockRow>;
}

/** Metrics that share cells: same filter, grain, dimensions and limit. */
interface Keying {
  readonly index: CellIndex;
  readonly members: Member[];
  events: Float64Array;
}

interface Filter {
  readonly where: Condition | undefined;
  /** Reads made fields. */
  readonly made: boolean;
  /** Is given copies of events too. */
  readonly copies: boolean;
  readonly keyings: Keying[];
}

/** The paths a metric needs beside the header columns: what producers of columns are asked for. */
export const fieldsOf = (metric: Metric): string[] => readsOf(metric).filter((p) => !isMade(p));

/** Every path that moves a metric's numbers, those that the fold itself makes among them. */
export function readsOf(metric: Metric): string[] {
  // Dimensions inside the state are selected by the reducer, but for those it makes itself.
  const dims = metric.reducer.inside ? [] : metric.sets.flat();
  const paths = new Set<string>(["tenant", ...dims]);
  for (const s of metric.reducer.selects) for (const p of pathsOfSelector(s)) paths.add(p);
  if (metric.where) for (const p of pathsOfCondition(metric.where)) paths.add(p);
  return [...paths];
}

export class Fold {
  readonly metrics: readonly Metric[];
  readonly fields: readonly string[];
  private readonly side: Side;
  private readonly filters: Filter[] = [];
  private slots = new Int32Array(1024);
  private picked = new Uint32Array(1024);
  private pickedDoubts = new Uint8Array(1024);

  /** `limit`: overrides the metrics' own group limits (batch folds without one and ranks afterwards). */
  constructor(metrics: readonly Metric[], side: Side, limit?: number) {
    this.metrics = metrics;
    this.side = side;
    this.fields = [...new Set(["tenant", ...metrics.flatMap(fieldsOf)])];
    const filters = new Map<string, Filter & { readonly byKey: Map<string, Keying> }>();
    for (const metric of metrics) {
      const reads = readsOf(metric);
      const [made, copies] = [reads.some(isMade), reads.includes(COPY)];
      const whereKey = JSON.stringify([metric.where ?? null, made, copies]);
      let filter = filters.get(whereKey);
      if (!filter) {
        filter = { where: metric.where, made, copies, keyings: [], byKey: new Map() };
        filters.set(whereKey, filter);
        this.filters.push(filter);
      }
      const grain = metric.reducer.grains[0] ?? "hour";
      const cap = limit ?? metric.limit;
      // A reducer that holds its dimensions inside has the total's cell only.
      const sets = metric.reducer.inside ? metric.sets.slice(0, 1) : metric.sets;
      sets.forEach((dims, set) => {
        const key = JSON.stringify([grain, dims, cap]);
        let keying = filter.byKey.get(key);
        if (!keying) {
          keying = {
            index: new CellIndex(dims, grain, cap),
            members: [],
            events: new Float64Array(64),
          };
          filter.byKey.set(key, keying);
          filter.keyings.push(keying);
        }
        keying.members.push({
          metric,
          set,
          kernel: kernelOf(metric, side),
          skipped: new Float64Array(64),
          taken: new Map(),
        });
      });
    }
  }

  /** Folds rows `rows[0, n)`, events in offset order, each with its doubt (`doubts[i]` for `rows[i]`). */
  fold(columns: EventColumns, rows: Uint32Array, doubts: Uint8Array, n: number): void {
    if (n === 0) return;
    if (this.slots.length < n) {
      this.slots = new Int32Array(n * 2);
      this.picked = new Uint32Array(n * 2);
      this.pickedDoubts = new Uint8Array(n * 2);
    }
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
    if (this.slots.length < n) {
      this.slots = new Int32Array(n * 2);
      this.picked = new Uint32Array(n * 2);
      this.pickedDoubts = new Uint8Array(n * 2);
    }
    const made = withMadeFields(columns, () => copy);
    for (const f of this.filters) if (f.copies) this.foldFilter(f, made, rows, doubts, n);
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
    if (m > 0) for (const keying of filter.keyings) this.foldKeying(keying, columns, r, d, m);
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

  private foldKeying(
    k: Keying,
    columns: EventColumns,
    rows: Uint32Array,
    doubts: Uint8Array,
    n: number,
  ): void {
    const slots = this.slots;
    k.index.locate(columns, rows, doubts, n, slots);
    makeRoom(k);
    const events = k.events;
    for (let i = 0; i < n; i++) events[slots[i]!]! += 1;
    for (const m of k.members) m.kernel.fold(columns, rows, slots, n, m.skipped);
  }

  /** Blocks touched since the last take, as absolute rows. */
  *takeDirty(): Generator<BlockRow> {
    for (const k of this.keyings()) {
      for (const block of k.index.dirtyBlocks) {
        for (const m of k.members) {
          const row = rowOfBlock(k, m, block);
          m.taken.set(block, row);
          yield row;
        }
      }
      k.index.clean();
    }
  }

  /** Blocks that `takeDirty` gave since `markSaved`, as they were given last. */
  *unsavedRows(): Generator<BlockRow> {
    for (const k of this.keyings()) for (const m of k.members) yield* m.taken.values();
  }

  markSaved(): void {
    for (const k of this.keyings()) for (const m of k.members) m.taken.clear();
  }

  /** All blocks, dirty or not. */
  *rows(): Generator<BlockRow> {
    for (const k of this.keyings()) {
      for (const m of k.members) {
        for (let block = 0; block < k.index.blockCount; block++) yield rowOfBlock(k, m, block);
      }
    }
  }

  /** All cells as what they show; states are neither sorted nor encoded for it where a kernel can count. */
  *values(): Generator<CellValue> {
    for (const k of this.keyings()) {
      const { cells, slots, grain, blockCount } = k.index;
      for (const { metric, set, kernel, skipped } of k.members) {
        for (let block = 0; block < blockCount; block++) {
          const place = k.index.place(block);
          for (let cell = 0; cell < cells; cell++) {
            const slot = slots[block * cells + cell]!;
            if (slot < 0) continue;
            const startMs = (place.startMs + cell * GRAIN_MS[grain]) as EpochMs;
            const events = k.events[slot]!;
            const estimate = presentSlot(metric, this.side, kernel, slot, startMs, grain, events);
            yield { ...place, metric, set, startMs, events, skipped: skipped[slot]!, estimate };
          }
        }
      }
    }
  }

  /** Puts a row that this fold once gave back into its place; the block is then clean. */
  restore(row: Omit<BlockRow, "metric">, metric: Metric): void {
    for (const k of this.keyings()) {
      for (const m of k.members) {
        if (m.metric.fingerprint !== metric.fingerprint || m.set !== row.set) continue;
        const block = k.index.restore(row, groupValues(row.group));
        for (const c of decodeBlock(row.state)) {
          const slot = k.index.slotAt(block, c.cell);
          makeRoom(k);
          k.events[slot] = c.events;
          m.skipped[slot] = c.skipped;
          m.kernel.load(slot, c.state);
        }
      }
    }
  }

  markAllDirty(): void {
    for (const k of this.keyings()) k.index.markAllDirty();
  }

  get blockCount(): number {
    let n = 0;
    for (const k of this.keyings()) n += k.index.blockCount;
    return n;
  }

  reset(): void {
    for (const k of this.keyings()) {
      for (const m of k.members) {
        for (let slot = 0; slot < k.index.slotCount; slot++) m.kernel.clear(slot);
        m.skipped.fill(0);
        m.taken.clear();
      }
      k.events.fill(0);
      k.index.reset();
    }
  }

  private *keyings(): Generator<Keying> {
    for (const f of this.filters) yield* f.keyings;
  }
}

function kernelOf(metric: Metric, side: Side): Kernel {
  const r = metric.reducer;
  const make = r.kernels?.[side];
  return make ? make() : genericKernel(r[side], (columns) => r.items(columns));
}

function makeRoom(k: Keying): void {
  const n = k.index.slotCount;
  if (n > k.events.length) k.events = widen(k.events, n);
  for (const m of k.members) {
    if (n > m.skipped.length) m.skipped = widen(m.skipped, n);
    m.kernel.grow(n);
  }
}

function widen(from: Float64Array, n: number): Float64Array {
  const wider = new Float64Array(n * 2);
  wider.set(from);
  return wider;
}

const writer = new BlockWriter();

function rowOfBlock(k: Keying, m: Member, block: number): BlockRow {
  const { tenant, group, startMs, doubt } = k.index.place(block);
  const { cells, slots } = k.index;
  const [from, until] = [block * cells, (block + 1) * cells];
  let count = 0;
  for (let at = from; at < until; at++) if (slots[at]! >= 0) count++;
  let [events, skipped] = [0, 0];
  writer.begin(count);
  for (let at = from; at < until; at++) {
    const slot = slots[at]!;
    if (slot < 0) continue;
    events += k.events[slot]!;
    skipped += m.skipped[slot]!;
    writer.cell(at - from, k.events[slot]!, m.skipped[slot]!, m.kernel, slot);
  }
  const { metric, set } = m;
  return { metric, set, tenant, group, startMs, doubt, events, skipped, state: writer.done() };
}
