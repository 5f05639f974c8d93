// The overlay of windows that are made of whole cells of one day each, of metrics without a reach: the rows of a span
// of them are read once, from front to end, and each cell is added to its window. Gives what merging window by window
// gives (points.ts), without anything being made for a window that has no row.
import type { AnyReducer } from "../algebra/reducer.ts";
import { blockMs } from "../fold/block.ts";
import { OTHER_GROUP } from "../metrics/group.ts";
import { SUSPECTED, UNCHECKED } from "../ports/view-store.ts";
import { GRAIN_MS, type Window } from "../time/calendar.ts";
import { type BlockSum, type BlockSummer, blockSummer } from "./block-sums.ts";
import type { Piece } from "./day-pieces.ts";
import { type StateDecoder, stateDecoder } from "./decoded-states.ts";
import { addCell, newParts, type Parts } from "./parts.ts";
import type { WindowSpan } from "./window-spans.ts";

/** What the windows of a span have, by their number in it. */
export interface CellsOfSpan {
  /** By group. */
  readonly groups: ReadonlyMap<string, readonly (Parts | undefined)[]>;
  readonly torn: readonly (ReadonlySet<number> | undefined)[];
  readonly suspected: readonly number[];
  readonly unchecked: readonly number[];
  readonly skipped: readonly number[];
  /** Events of used speed rows. */
  readonly speedEvents: readonly number[];
}

/** Undefined where `(other)` has anything. */
export type SpanReader = (
  windows: readonly Window[],
  span: WindowSpan,
  pieces: readonly Piece[],
) => CellsOfSpan | undefined;

type GroupChoice = (group: string) => string | undefined;

/** Whether windows of the metric may be read so. */
export const hasCellWindows = ({ additive, inside, reach }: AnyReducer): boolean =>
  additive && inside === undefined && reach.beforeMs + reach.afterMs === 0;

export function spanReader(
  reducer: AnyReducer,
  counts: (group: string) => boolean,
  union: GroupChoice | undefined,
): SpanReader {
  const grain = reducer.grains[0] ?? "hour";
  const decoders = {
    stateOf: stateDecoder(reducer.approx),
    sumOf: blockSummer(reducer.approx),
    cellMs: GRAIN_MS[grain],
    wholeMs: blockMs(grain),
  };
  return (all, span, pieces) => {
    const windows = all.slice(span.first, span.last);
    const into = newSums(windows.length);
    const setting = { reducer, windows, ...decoders };
    for (const piece of pieces) {
      const group = union ? union(piece.group) : piece.group;
      if (group === undefined) continue;
      if (group === OTHER_GROUP || piece.group === OTHER_GROUP) return undefined;
      addPiece(setting, into, piece, group, counts(group));
    }
    return into;
  };
}

function newSums(windows: number): Sums {
  const zeros = (): number[] => new Array<number>(windows).fill(0);
  return {
    groups: new Map(),
    torn: new Array<Set<number> | undefined>(windows).fill(undefined),
    suspected: zeros(),
    unchecked: zeros(),
    skipped: zeros(),
    speedEvents: zeros(),
  };
}

interface Sums extends CellsOfSpan {
  readonly groups: Map<string, (Parts | undefined)[]>;
  readonly torn: (Set<number> | undefined)[];
  readonly suspected: number[];
  readonly unchecked: number[];
  readonly skipped: number[];
  readonly speedEvents: number[];
}

interface Setting {
  readonly reducer: AnyReducer;
  readonly stateOf: StateDecoder;
  readonly sumOf: BlockSummer;
  readonly cellMs: number;
  readonly wholeMs: number;
  readonly windows: readonly Window[];
}

function addPiece(s: Setting, into: Sums, piece: Piece, group: string, counted: boolean): void {
  const { windows, wholeMs } = s;
  const { block } = piece;
  const of = { slots: slotsOf(into.groups, group, windows.length), counted };
  const first = firstEndingAfter(windows, block);
  const whole = windows[first];
  if (whole && whole.from <= block && block + wholeMs <= whole.until) {
    const sum = s.sumOf(piece.bytes);
    if (sum) addSum(s.reducer, into, first, piece, of, sum);
  } else addCells(s, into, piece, of, first);
}

interface GroupOfPiece {
  readonly slots: (Parts | undefined)[];
  readonly counted: boolean;
}

/** Cell by cell, those of a window together. `at`: the first window that ends behind the block's start. */
function addCells(s: Setting, into: Sums, piece: Piece, of: GroupOfPiece, first: number): void {
  const { reducer, stateOf, cellMs, windows } = s;
  const { plus } = reducer.approx;
  const { cells, block } = piece;
  cells.rewind();
  let at = first;
  for (let more = cells.next(); more; ) {
    const startMs = block + cells.cell * cellMs;
    while (at < windows.length && (windows[at] as Window).until <= startMs) at++;
    if (at >= windows.length) return;
    const window = windows[at] as Window;
    if (startMs < window.from) {
      more = cells.next();
      continue;
    }
    let state = stateOf(cells.block, cells.from, cells.until);
    let { events, skipped } = cells;
    for (more = cells.next(); more && block + cells.cell * cellMs < window.until; ) {
      state = plus(state, stateOf(cells.block, cells.from, cells.until));
      events += cells.events;
      skipped += cells.skipped;
      more = cells.next();
    }
    addSum(reducer, into, at, piece, of, { state, events, skipped });
  }
}

function addSum(
  reducer: AnyReducer,
  into: Sums,
  at: number,
  { doubt, torn }: Piece,
  { slots, counted }: GroupOfPiece,
  { state, events, skipped }: BlockSum,
): void {
  let parts = slots[at];
  if (parts === undefined) {
    parts = newParts(reducer);
    slots[at] = parts;
  }
  addCell(reducer, parts, doubt, state, events);
  if (torn !== undefined) into.torn[at] = (into.torn[at] ?? new Set()).add(torn);
  if (!counted) return;
  into.skipped[at] = (into.skipped[at] as number) + skipped;
  if (doubt === undefined) return;
  into.speedEvents[at] = (into.speedEvents[at] as number) + events;
  if (doubt === SUSPECTED) into.suspected[at] = (into.suspected[at] as number) + events;
  if (doubt === UNCHECKED) into.unchecked[at] = (into.unchecked[at] as number) + events;
}

function slotsOf(groups: Sums["groups"], group: string, length: number): (Parts | undefined)[] {
  let slots = groups.get(group);
  if (slots === undefined) {
    slots = new Array<Parts | undefined>(length).fill(undefined);
    groups.set(group, slots);
  }
  return slots;
}

function firstEndingAfter(windows: readonly Window[], startMs: number): number {
  let [low, high] = [0, windows.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((windows[middle] as Window).until > startMs) high = middle;
    else low = middle + 1;
  }
  return low;
}
