// Metrics that share cells, and the block rows that are made of them.
import { BlockCells } from "../algebra/block-cells.ts";
import type { Kernel } from "../algebra/kernel.ts";
import type { Metric } from "../metrics/metric.ts";
import type { SpeedRow } from "../ports/view-store.ts";
import { BlockWriter } from "./block.ts";
import type { BlockPlace, CellIndex } from "./cell-index.ts";
import type { TakenRows } from "./taken-rows.ts";

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

export interface Member {
  readonly metric: Metric;
  readonly set: number;
}

/** The states of all cells of one member, and of the others that have the same (`Reducer.stateKey`). */
export interface CellStates {
  readonly first: Member;
  readonly others: Member[];
  readonly kernel: Kernel;
  skipped: Float64Array;
  /** Of `first`. */
  readonly taken: TakenRows;
}

/** Metrics that share cells: same filter, grain, dimensions and limit. */
export interface Keying {
  readonly index: CellIndex;
  readonly states: CellStates[];
  events: Float64Array;
}

/** For all slots of the index. */
export function makeRoom(k: Keying): void {
  const n = k.index.slotCount;
  if (n > k.events.length) k.events = widen(k.events, n);
  for (const s of k.states) {
    if (n > s.skipped.length) s.skipped = widen(s.skipped, n);
    s.kernel.grow(n);
  }
}

function widen(from: Float64Array, n: number): Float64Array {
  const wider = new Float64Array(n * 2);
  wider.set(from);
  return wider;
}

const writer = new BlockWriter();
const cells = new BlockCells();

/** Events of the block that was encoded last. */
const encoded = { events: 0, skipped: 0 };

/** Of the first member. */
export function rowOfBlock(k: Keying, s: CellStates, block: number): BlockRow {
  const state = encode(k, s, block);
  const { metric, set } = s.first;
  return { ...k.index.place(block), metric, set, ...encoded, state };
}

/** The same as a row of the open segment, made at once: there are many, and often. */
export function speedRowOfBlock(
  k: Keying,
  s: CellStates,
  block: number,
  segment: number,
  to: number,
): SpeedRow {
  const state = encode(k, s, block);
  const { index } = k;
  return {
    fp: s.first.metric.fingerprint,
    tenant: index.tenant(block),
    set: s.first.set,
    group: index.group(block),
    startMs: index.startMs(block),
    segment,
    to,
    doubt: small(index.doubt(block)) as SpeedRow["doubt"],
    events: encoded.events,
    skipped: encoded.skipped,
    state,
  };
}

/** Puts a row of the first member at `rows[at]`, then the same for the others: they share the state's bytes. */
export function putRows(rows: SpeedRow[], at: number, s: CellStates, row: SpeedRow): number {
  rows[at] = row;
  let n = at + 1;
  for (let i = 0; i < s.others.length; i++) {
    const { metric, set } = s.others[i]!;
    rows[n++] = { ...row, fp: metric.fingerprint, set };
  }
  return n;
}

/** The same number, which V8 holds without an object where it is small. */
const small = (n: number): number => ((n | 0) === n ? n | 0 : n);

function encode(k: Keying, s: CellStates, block: number): Uint8Array {
  const { cells: perBlock, slots } = k.index;
  const from = block * perBlock;
  let count = 0;
  for (let i = 0; i < perBlock; i++) {
    const slot = slots[from + i]!;
    if (slot < 0) continue;
    cells.numbers[count] = i;
    cells.slots[count++] = slot;
  }
  cells.count = count;
  // Slots of a block lie far apart: reads that nothing depends on are waited for together.
  for (let i = 0; i < count; i++) {
    cells.events[i] = k.events[cells.slots[i]!]!;
    cells.skipped[i] = s.skipped[cells.slots[i]!]!;
  }
  let events = 0;
  let skipped = 0;
  for (let i = 0; i < count; i++) {
    events += cells.events[i]!;
    skipped += cells.skipped[i]!;
  }
  encoded.events = small(events);
  encoded.skipped = small(skipped);
  return writer.block(cells, s.kernel);
}
