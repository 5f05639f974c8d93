// The parts of every cell as one day's run sees it: the batch state below V and the speed states from V
// on, by doubt. Window and reach of a day are read below and above that day's own V, whatever V the
// neighbours have.
import { getOrMake } from "../collections/get-or-make.ts";
import { blockStart, decodeBlock } from "../fold/block.ts";
import { OTHER_GROUP } from "../metrics/group.ts";
import { type StoredSpeedRow, SURE, SUSPECTED, UNCHECKED } from "../ports/view-store.ts";
import { GRAIN_MS } from "../time/calendar.ts";
import { DAY_MS, dayOf, type EpochMs, type UtcDay } from "../time/epoch-ms.ts";
import { type Coverage, coverageOf } from "./coverage.ts";
import type { ReadView } from "./view.ts";

/** One cell's, or a merged window's, parts. States are encoded nowhere: they are the algebra's values. */
export interface Parts {
  sure: unknown;
  suspected: unknown;
  unchecked: unknown;
  events: number;
  suspectedEvents: number;
  uncheckedEvents: number;
  skipped: number;
  /** A speed row from V on was used. */
  touched: boolean;
  /** Events of used speed rows. */
  speedEvents: number;
  /** Covered by its own rows, above the position. */
  torn: boolean;
}

export interface DayCells {
  /** Cell start -> group -> parts. */
  readonly cells: ReadonlyMap<EpochMs, ReadonlyMap<string, Parts>>;
  /** Days x of window ± reach -> coverage by partition. */
  readonly coverage: ReadonlyMap<UtcDay, readonly Coverage[]>;
  /** The run folded groups beyond the limit into `(other)`. */
  readonly capped: boolean;
}

export function emptyParts(view: ReadView): Parts {
  const zero = view.metric.reducer.approx.zero as unknown;
  return {
    sure: zero,
    suspected: zero,
    unchecked: zero,
    events: 0,
    suspectedEvents: 0,
    uncheckedEvents: 0,
    skipped: 0,
    touched: false,
    speedEvents: 0,
    torn: false,
  };
}

export function addParts(view: ReadView, into: Parts, from: Parts): void {
  const { plus } = view.metric.reducer.approx;
  into.sure = plus(into.sure, from.sure);
  if (from.suspectedEvents > 0) into.suspected = plus(into.suspected, from.suspected);
  if (from.uncheckedEvents > 0) into.unchecked = plus(into.unchecked, from.unchecked);
  into.events += from.events;
  into.suspectedEvents += from.suspectedEvents;
  into.uncheckedEvents += from.uncheckedEvents;
  into.skipped += from.skipped;
  into.touched ||= from.touched;
  into.speedEvents += from.speedEvents;
  into.torn ||= from.torn;
}

export function dayCells(view: ReadView, day: UtcDay): DayCells {
  const { reducer } = view.metric;
  const grain = reducer.grains[0] ?? "hour";
  const first = day - Math.ceil(reducer.reach.beforeMs / DAY_MS);
  const last = day + Math.ceil(reducer.reach.afterMs / DAY_MS);
  const coverage = new Map<UtcDay, Coverage[]>();
  for (let x = first; x <= last; x++) coverage.set(x as UtcDay, coverageOf(view, day, x as UtcDay));

  const cells = new Map<EpochMs, Map<string, Parts>>();
  const at = (start: EpochMs, group: string): Parts =>
    getOrMake(
      getOrMake(cells, start, () => new Map<string, Parts>()),
      group,
      () => emptyParts(view),
    );

  const run = view.days.get(day)?.run;
  const kept = new Set<string>();
  for (const row of (run !== undefined ? view.runs.get(run)?.finest : undefined) ?? []) {
    kept.add(row.group);
    const block = blockStart(row.startMs, grain);
    for (const c of decodeBlock(row.state)) {
      const parts = at((block + c.cell * GRAIN_MS[grain]) as EpochMs, row.group);
      parts.sure = reducer.approx.plus(parts.sure, reducer.approx.decode(c.state));
      parts.events += c.events;
      parts.skipped += c.skipped;
    }
  }
  const capped = kept.has(OTHER_GROUP);

  for (const rows of rowsByCell(view.speed).values()) {
    const sample = rows[0]!;
    const cover = coverage.get(dayOf(sample.startMs))?.[sample.partition];
    if (!cover) continue;
    // A value that the run did not keep is part of its `(other)`.
    const group = capped && !kept.has(sample.group) ? OTHER_GROUP : sample.group;
    let until = cover.until;
    for (const row of rows) {
      if (row.segment < cover.from) continue;
      if (row.segment > until) break; // not connected to what is covered
      const torn = row.to > until;
      until = Math.max(until, row.to);
      for (const c of decodeBlock(row.state)) {
        const parts = at((row.startMs + c.cell * GRAIN_MS[grain]) as EpochMs, group);
        addSpeed(view, parts, row, c.state, c.events, c.skipped, torn);
      }
    }
  }
  return { cells, coverage, capped };
}

function addSpeed(
  view: ReadView,
  parts: Parts,
  row: StoredSpeedRow,
  bytes: Uint8Array,
  events: number,
  skipped: number,
  torn: boolean,
): void {
  const { plus, decode } = view.metric.reducer.approx;
  const state: unknown = decode(bytes);
  if (row.doubt === SURE) {
    parts.sure = plus(parts.sure, state);
    parts.events += events;
  } else if (row.doubt === SUSPECTED) {
    parts.suspected = plus(parts.suspected, state);
    parts.suspectedEvents += events;
  } else if (row.doubt === UNCHECKED) {
    parts.unchecked = plus(parts.unchecked, state);
    parts.uncheckedEvents += events;
  }
  parts.skipped += skipped;
  parts.touched = true;
  parts.speedEvents += events;
  parts.torn ||= torn;
}

/** Rows of one block, partition, group and doubt together, by segment. */
function rowsByCell(rows: readonly StoredSpeedRow[]): Map<string, StoredSpeedRow[]> {
  const byCell = new Map<string, StoredSpeedRow[]>();
  for (const row of rows) {
    const key = `${row.startMs}|${row.partition}|${row.doubt}|${row.group}`;
    const list = byCell.get(key);
    if (list) list.push(row);
    else byCell.set(key, [row]);
  }
  for (const list of byCell.values()) list.sort((a, b) => a.segment - b.segment);
  return byCell;
}
