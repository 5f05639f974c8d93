// The pieces of a window and its reach, merged by group. Counts are of the window alone, so that an event
// in the reach of many windows is counted once.
import { getOrMake } from "../collections/get-or-make.ts";
import { blockMs, blockStart } from "../fold/block.ts";
import { OTHER_GROUP } from "../metrics/group.ts";
import { SUSPECTED, UNCHECKED } from "../ports/view-store.ts";
import { GRAIN_MS, type Window } from "../time/calendar.ts";
import { dayOf, dayStart, type EpochMs, type UtcDay } from "../time/epoch-ms.ts";
import type { DayPieces, Piece } from "./day-pieces.ts";
import { type StateDecoder, stateDecoder } from "./decoded-states.ts";
import { addCell, addParts, newParts, type Parts } from "./parts.ts";
import type { ReadView } from "./view.ts";

export interface MergedDay {
  readonly day: UtcDay;
  readonly run: string | undefined;
  readonly pieces: DayPieces;
  /** What `(other)` has, and of that the speed rows that any group may be in. */
  other: Parts | undefined;
  unnamed: Parts | undefined;
  /** A speed row was used in window or reach. */
  touched: boolean;
  /** Events of used speed rows in the window. */
  speedEvents: number;
}

export interface Merged {
  readonly groups: Map<string, Parts>;
  readonly days: MergedDay[];
  missing: string | undefined;
  lag: boolean;
  capped: boolean;
  /** Partitions; a set of its own once there are any. */
  torn: ReadonlySet<number>;
  suspected: number;
  unchecked: number;
  skipped: number;
}

const NONE_TORN: ReadonlySet<number> = new Set();

export function mergeWindow(
  view: ReadView,
  window: Window,
  piecesOf: (day: UtcDay) => DayPieces,
  counts: (group: string) => boolean,
  union: (group: string) => string | undefined = (group) => group,
): Merged {
  const { reach } = view.metric.reducer;
  const merged: Merged = {
    groups: new Map(),
    days: [],
    missing: undefined,
    lag: false,
    capped: false,
    torn: NONE_TORN,
    suspected: 0,
    unchecked: 0,
    skipped: 0,
  };
  const [first, last] = [dayOf(window.from), dayOf((window.until - 1) as EpochMs)];
  for (let day = first; day <= last; day = (day + 1) as UtcDay) {
    const from = day === first ? window.from - reach.beforeMs : dayStart(day);
    const until = day === last ? window.until + reach.afterMs : dayStart((day + 1) as UtcDay);
    const pieces = piecesOf(day);
    merged.capped ||= pieces.capped;
    for (let x = dayOf(from as EpochMs); x <= dayOf((until - 1) as EpochMs); x++) {
      for (const c of pieces.coverage.get(x as UtcDay) ?? []) {
        merged.missing ??= c.missing;
        merged.lag ||= c.lag;
      }
    }
    const into: MergedDay = {
      day,
      run: view.days.get(day)?.run,
      pieces,
      other: undefined,
      unnamed: undefined,
      touched: false,
      speedEvents: 0,
    };
    merged.days.push(into);
    mergeDay(
      view,
      merged,
      into,
      { from: from as EpochMs, until: until as EpochMs },
      window,
      counts,
      union,
    );
  }
  merged.capped ||= merged.groups.has(OTHER_GROUP);
  return merged;
}

function mergeDay(
  view: ReadView,
  merged: Merged,
  day: MergedDay,
  reached: Window,
  window: Window,
  counts: (group: string) => boolean,
  union: (group: string) => string | undefined,
): void {
  const { reducer } = view.metric;
  const grain = reducer.grains[0] ?? "hour";
  const cellMs = GRAIN_MS[grain];
  const start = Math.floor(reached.from / cellMs) * cellMs;
  const { approx } = reducer;
  const stateOf = stateDecoder(approx);
  const first = blockStart(start as EpochMs, grain);
  const lists = piecesIn(day.pieces, first, reached.until, blockMs(grain));
  const addPiece = (piece: Piece): void => {
    const group = union(piece.group);
    if (group === undefined) return;
    const cells = mergeCells(stateOf, approx.plus, piece, cellMs, reached, window);
    if (!cells) return;
    const { doubt, torn } = piece;
    const named = getOrMake(merged.groups, group, () => newParts(reducer));
    addCell(reducer, named, doubt, cells.state, cells.events, cells.inside);
    if (piece.group === OTHER_GROUP) {
      day.other ??= newParts(reducer);
      addCell(reducer, day.other, doubt, cells.state, cells.events, cells.inside);
    }
    if (piece.unnamed) {
      day.unnamed ??= newParts(reducer);
      addCell(reducer, day.unnamed, doubt, cells.state, cells.events, cells.inside);
    }
    if (doubt !== undefined) day.touched = true;
    if (torn !== undefined && !merged.torn.has(torn)) merged.torn = new Set([...merged.torn, torn]);
    if (!counts(group)) return;
    merged.skipped += cells.skipped;
    if (doubt !== undefined) day.speedEvents += cells.inside;
    if (doubt === SUSPECTED) merged.suspected += cells.inside;
    if (doubt === UNCHECKED) merged.unchecked += cells.inside;
  };
  for (const pieces of lists) for (const piece of pieces) addPiece(piece);
}

/** The cells of one row that lie in window and reach, as if they were one. */
interface CellsOfRow {
  state: unknown;
  events: number;
  /** Events of cells in the window, and those whose value could not be read. */
  inside: number;
  skipped: number;
}

/** Undefined: no cell of the row lies there. */
function mergeCells(
  stateOf: StateDecoder,
  plus: (a: unknown, b: unknown) => unknown,
  { cells, block }: Piece,
  cellMs: number,
  reached: Window,
  window: Window,
): CellsOfRow | undefined {
  let row: CellsOfRow | undefined;
  if (block + (cells.passed + 1) * cellMs > reached.from) cells.rewind();
  while (cells.next()) {
    const at = block + cells.cell * cellMs;
    if (at + cellMs <= reached.from) continue;
    if (at >= reached.until) {
      cells.keep();
      break;
    }
    const { events } = cells;
    const state = stateOf(cells.block, cells.from, cells.until);
    if (row) {
      row.state = plus(row.state, state);
      row.events += events;
    } else row = { state, events, inside: 0, skipped: 0 };
    if (at < window.from || at >= window.until) continue;
    row.inside += events;
    row.skipped += cells.skipped;
  }
  return row;
}

/** The rows of the blocks that begin in [from, until), in lists. */
function piecesIn(
  { blocks }: DayPieces,
  from: EpochMs,
  until: EpochMs,
  stepMs: number,
): readonly (readonly Piece[])[] {
  if (until - from <= stepMs) return [blocks.get(from) ?? []];
  const lists: (readonly Piece[])[] = [];
  if ((until - from) / stepMs <= blocks.size) {
    for (let at = from; at < until; at = (at + stepMs) as EpochMs) lists.push(blocks.get(at) ?? []);
  } else {
    for (const [at, pieces] of blocks) if (at >= from && at < until) lists.push(pieces);
  }
  return lists;
}

/**
 * What may belong to `group` without being named so: speed values beyond the limit, and all of `(other)`
 * on days whose run did not keep the group. Undefined where there is none.
 */
export function hiddenParts(view: ReadView, merged: Merged, group: string): Parts | undefined {
  if (group === OTHER_GROUP || !merged.groups.has(OTHER_GROUP)) return undefined;
  let hidden: Parts | undefined;
  for (const { pieces, other, unnamed } of merged.days) {
    const from = pieces.capped && !pieces.kept.has(group) ? other : unnamed;
    if (!from) continue;
    hidden ??= newParts(view.metric.reducer);
    addParts(view.metric.reducer, hidden, from);
  }
  return hidden;
}
