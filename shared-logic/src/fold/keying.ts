// Metrics that share cells, and the block rows that are made of them.
import type { Kernel } from "../algebra/kernel.ts";
import type { Metric } from "../metrics/metric.ts";
import type { SpeedRow } from "../ports/view-store.ts";
import { BlockWriter } from "./block.ts";
import type { BlockPlace, CellIndex } from "./cell-index.ts";

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
  /** Rows of `first` that `takeDirty` gave since `markSaved`, by block. */
  readonly taken: Map<number, SpeedRow>;
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
  const place = k.index.place(block);
  return {
    fp: s.first.metric.fingerprint,
    tenant: place.tenant,
    set: s.first.set,
    group: place.group,
    startMs: place.startMs,
    segment,
    to,
    doubt: place.doubt as SpeedRow["doubt"],
    events: encoded.events,
    skipped: encoded.skipped,
    state,
  };
}

/** Adds a row of the first member, then the same for the others: they share the state's bytes. */
export function addRows(rows: SpeedRow[], s: CellStates, row: SpeedRow): void {
  rows.push(row);
  for (const { metric, set } of s.others) rows.push({ ...row, fp: metric.fingerprint, set });
}

function encode(k: Keying, s: CellStates, block: number): Uint8Array {
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
    skipped += s.skipped[slot]!;
    writer.cell(at - from, k.events[slot]!, s.skipped[slot]!, s.kernel, slot);
  }
  encoded.events = events;
  encoded.skipped = skipped;
  return writer.done();
}
