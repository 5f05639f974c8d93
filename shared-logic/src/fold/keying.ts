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
  readonly kernel: Kernel;
  skipped: Float64Array;
  /** Rows that `takeDirty` gave since `markSaved`, by block. */
  readonly taken: Map<number, SpeedRow>;
}

/** Metrics that share cells: same filter, grain, dimensions and limit. */
export interface Keying {
  readonly index: CellIndex;
  readonly members: Member[];
  events: Float64Array;
}

/** For all slots of the index. */
export function makeRoom(k: Keying): void {
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

/** Events of the block that was encoded last. */
const encoded = { events: 0, skipped: 0 };

export function rowOfBlock(k: Keying, m: Member, block: number): BlockRow {
  const state = encode(k, m, block);
  return { ...k.index.place(block), metric: m.metric, set: m.set, ...encoded, state };
}

/** The same as a row of the open segment, made at once: there are many, and often. */
export function speedRowOfBlock(
  k: Keying,
  m: Member,
  block: number,
  segment: number,
  to: number,
): SpeedRow {
  const state = encode(k, m, block);
  const place = k.index.place(block);
  return {
    fp: m.metric.fingerprint,
    tenant: place.tenant,
    set: m.set,
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

function encode(k: Keying, m: Member, block: number): Uint8Array {
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
  encoded.events = events;
  encoded.skipped = skipped;
  return writer.done();
}
