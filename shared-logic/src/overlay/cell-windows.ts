// The overlay of windows that are made of whole cells of one day each, of metrics without a reach: the rows are
// read once, from front to end, and each cell is added to its window. Gives what merging window by window gives
// (points.ts), without anything being made for a window that has no row.
import type { AnyReducer } from "../algebra/reducer.ts";
import { blockMs } from "../fold/block.ts";
import { OTHER_GROUP } from "../metrics/group.ts";
import { SUSPECTED, UNCHECKED } from "../ports/view-store.ts";
import { GRAIN_MS, type Window } from "../time/calendar.ts";
import { dayOf, type EpochMs, type UtcDay } from "../time/epoch-ms.ts";
import { type BlockSum, type BlockSummer, blockSummer } from "./block-sums.ts";
import type { DayPieces, Piece } from "./day-pieces.ts";
import { type StateDecoder, stateDecoder } from "./decoded-states.ts";
import { addCell, newParts, type Parts } from "./parts.ts";

/** What windows have, by their index. */
export interface CellWindows {
  /** By group. */
  readonly groups: ReadonlyMap<string, readonly (Parts | undefined)[]>;
  readonly days: readonly WindowsOfDay[];
  readonly torn: readonly (ReadonlySet<number> | undefined)[];
  readonly suspected: readonly number[];
  readonly unchecked: readonly number[];
  readonly skipped: readonly number[];
  /** Events of used speed rows. */
  readonly speedEvents: readonly number[];
}

/** The windows [first, last) lie in one day. */
export interface WindowsOfDay {
  readonly day: UtcDay;
  readonly first: number;
  readonly last: number;
  readonly missing: string | undefined;
  readonly lag: boolean;
}

type GroupChoice = (group: string) => string | undefined;

/** Undefined of other windows and metrics, and where `(other)` has anything. */
export function cellWindows(
  reducer: AnyReducer,
  windows: readonly Window[],
  piecesOf: (day: UtcDay) => DayPieces,
  counts: (group: string) => boolean,
  union: GroupChoice | undefined,
): CellWindows | undefined {
  const { additive, inside, reach } = reducer;
  if (!additive || inside !== undefined || reach.beforeMs + reach.afterMs > 0) return undefined;
  const grain = reducer.grains[0] ?? "hour";
  const cellMs = GRAIN_MS[grain];
  const ranges = rangesByDay(windows, cellMs);
  if (!ranges) return undefined;
  const zeros = (): number[] => new Array<number>(windows.length).fill(0);
  const into: Sums = {
    groups: new Map(),
    torn: new Array<Set<number> | undefined>(windows.length).fill(undefined),
    suspected: zeros(),
    unchecked: zeros(),
    skipped: zeros(),
    speedEvents: zeros(),
  };
  const days: WindowsOfDay[] = [];
  const decoders = {
    stateOf: stateDecoder(reducer.approx),
    sumOf: blockSummer(reducer.approx),
    cellMs,
    wholeMs: blockMs(grain),
  };
  for (const range of ranges) {
    const setting = { reducer, windows, range, ...decoders };
    const pieces = piecesOf(range.day);
    if (pieces.capped) return undefined;
    const covers = pieces.coverage.get(range.day) ?? [];
    const missing = covers.find((c) => c.missing !== undefined)?.missing;
    days.push({ ...range, missing, lag: covers.some((c) => c.lag) });
    for (const list of pieces.blocks.values())
      for (const piece of list) {
        const group = union ? union(piece.group) : piece.group;
        if (group === undefined) continue;
        if (group === OTHER_GROUP || piece.group === OTHER_GROUP) return undefined;
        addPiece(setting, into, piece, group, counts(group));
      }
  }
  return { ...into, days };
}

interface Sums extends Omit<CellWindows, "days"> {
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
  readonly range: Pick<WindowsOfDay, "first" | "last">;
}

function addPiece(s: Setting, into: Sums, piece: Piece, group: string, counted: boolean): void {
  const { windows, range, wholeMs } = s;
  const { block } = piece;
  const of = { slots: slotsOf(into.groups, group, windows.length), counted };
  const first = firstEndingAfter(windows, range, block);
  const whole = first < range.last ? (windows[first] as Window) : undefined;
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
  const { reducer, stateOf, cellMs, windows, range } = s;
  const { plus } = reducer.approx;
  const { cells, block } = piece;
  cells.rewind();
  let at = first;
  for (let more = cells.next(); more; ) {
    const startMs = block + cells.cell * cellMs;
    while (at < range.last && (windows[at] as Window).until <= startMs) at++;
    if (at >= range.last) return;
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

function firstEndingAfter(
  windows: readonly Window[],
  { first, last }: Setting["range"],
  startMs: number,
): number {
  let [low, high] = [first, last];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((windows[middle] as Window).until > startMs) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** Undefined where a window cuts a cell, lies in two days or begins before the last one ends. */
function rangesByDay(
  windows: readonly Window[],
  cellMs: number,
): Pick<WindowsOfDay, "day" | "first" | "last">[] | undefined {
  const ranges: { day: UtcDay; first: number; last: number }[] = [];
  let open: { day: UtcDay; first: number; last: number } | undefined;
  let before = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < windows.length; i++) {
    const { from, until } = windows[i] as Window;
    if (from < before || until <= from || from % cellMs !== 0 || until % cellMs !== 0)
      return undefined;
    before = until;
    const day = dayOf(from);
    if (dayOf((until - 1) as EpochMs) !== day) return undefined;
    if (open?.day !== day) {
      open = { day, first: i, last: i };
      ranges.push(open);
    }
    open.last = i + 1;
  }
  return ranges;
}
