// The cells of a run with their values, from its rows; and what differs between two runs. Pure. Rows of
// additive metrics are blocks of cells and are presented here; others carry their values. Cells are known by
// their dimensions, so that runs of a metric before and after an edit can be held against each other.
import {
  type Algebra,
  type BlockCell,
  BlockCursor,
  dayStart,
  decodeBlock,
  type EpochMs,
  formatDecimal,
  GRAIN_MS,
  type Metric,
  type RunRow,
  type StoredGrain,
  type UtcDay,
  type Window,
  windowEnd,
} from "@tandem/shared-logic";
import type { RowChange } from "./patch-run.ts";

/** What is to be known of a metric to understand its run's rows. */
export interface RunShape {
  readonly sets: readonly (readonly string[])[];
  /** Finest first. */
  readonly grains: readonly StoredGrain[];
  /** Where values are made from states. */
  readonly additive: Algebra<unknown, unknown> | undefined;
}

export const shapeOf = ({ sets, reducer }: Metric): RunShape => ({
  sets,
  grains: reducer.grains,
  additive: reducer.additive ? (reducer.approx as Algebra<unknown, unknown>) : undefined,
});

export interface Cell {
  readonly tenant: string;
  /** None: the total. */
  readonly dims: readonly string[];
  readonly group: string;
  readonly grain: RunRow["grain"];
  readonly window: Window;
  /** Plain decimal text; null where nothing says anything. */
  readonly value: string | null;
  readonly events: number;
  readonly skipped: number;
}

export interface CellChange extends Omit<Cell, "value" | "events" | "skipped"> {
  /** Undefined where the cell was not there, or will not be. */
  readonly before: string | null | undefined;
  readonly after: string | null | undefined;
}

export type CellMap = ReadonlyMap<string, Cell>;

/** Different for different cells of any two runs. */
export const cellKey = (c: Omit<Cell, "value" | "events" | "skipped">): string =>
  `${c.grain} ${c.window.from} ${c.tenant.length} ${c.tenant}${dimsText(c.dims)}${c.group}`;

/** Cells of one set share their list of dimensions. */
const texts = new WeakMap<readonly string[], string>();
const dimsText = (dims: readonly string[]): string => {
  const known = texts.get(dims);
  if (known !== undefined) return known;
  const text = JSON.stringify(dims);
  texts.set(dims, text);
  return text;
};

export const isOfDay = ({ startMs }: RunRow, day: UtcDay): boolean =>
  startMs >= dayStart(day) && startMs < dayStart((day + 1) as UtcDay);

/** Cells of the day itself: states of its reach have no value of their own. */
export function listCells(shape: RunShape, day: UtcDay, rows: Iterable<RunRow>): Cell[] {
  const cells: Cell[] = [];
  for (const row of rows) {
    if (!isOfDay(row, day)) continue;
    if (shape.additive) pushCells(shape, shape.additive, row, decodeBlock(row.state), cells);
    else if (row.value !== undefined) cells.push(cellOfRow(shape, row, row.value));
  }
  return cells;
}

export function cellsOfRun(shape: RunShape, day: UtcDay, rows: Iterable<RunRow>): CellMap {
  return byKey(listCells(shape, day, rows));
}

/** What changes in the cells of rows that differ; of blocks, only cells with other bytes are looked at. */
export function changesOfRows(
  shape: RunShape,
  day: UtcDay,
  rows: Iterable<RowChange>,
): CellChange[] {
  const [before, after]: [Cell[], Cell[]] = [[], []];
  for (const { before: was, after: now } of rows) {
    if (shape.additive && was && now) {
      if (!isOfDay(was, day)) continue;
      const [old, fresh] = differing(new BlockCursor(was.state), new BlockCursor(now.state));
      pushCells(shape, shape.additive, was, old, before);
      pushCells(shape, shape.additive, now, fresh, after);
      continue;
    }
    if (was) before.push(...listCells(shape, day, [was]));
    if (now) after.push(...listCells(shape, day, [now]));
  }
  return changesOf(byKey(before), byKey(after));
}

const byKey = (cells: readonly Cell[]): CellMap =>
  new Map(cells.map((cell) => [cellKey(cell), cell]));

/** The cells of two blocks in order, those of one number together. */
export function eachCell(
  a: BlockCursor,
  b: BlockCursor,
  visit: (a: BlockCursor | undefined, b: BlockCursor | undefined) => void,
): void {
  let [inA, inB] = [a.next(), b.next()];
  while (inA || inB) {
    const first = !inB || (inA && a.cell < b.cell) ? -1 : !inA || b.cell < a.cell ? 1 : 0;
    visit(first <= 0 ? a : undefined, first >= 0 ? b : undefined);
    if (first <= 0) inA = a.next();
    if (first >= 0) inB = b.next();
  }
}

/** The cells of each block that do not stand in the other just so. */
function differing(a: BlockCursor, b: BlockCursor): [BlockCell[], BlockCell[]] {
  const [ofA, ofB]: [BlockCell[], BlockCell[]] = [[], []];
  eachCell(a, b, (x, y) => {
    if (x && y && sameState(x, y)) return;
    if (x) ofA.push(heldCell(x));
    if (y) ofB.push(heldCell(y));
  });
  return [ofA, ofB];
}

const heldCell = (c: BlockCursor): BlockCell => ({
  cell: c.cell,
  events: c.events,
  skipped: c.skipped,
  state: c.block.subarray(c.from, c.until),
});

export function sameState(a: BlockCursor, b: BlockCursor): boolean {
  const length = a.until - a.from;
  if (length !== b.until - b.from) return false;
  for (let i = 0; i < length; i++) if (a.block[a.from + i] !== b.block[b.from + i]) return false;
  return true;
}

const windowOf = (row: Pick<RunRow, "startMs" | "grain">): Window => ({
  from: row.startMs,
  until: windowEnd(row.startMs, row.grain),
});

export const dimsOf = ({ sets }: RunShape, row: RunRow): readonly string[] => sets[row.set] ?? [];

export function cellOfRow(shape: RunShape, row: RunRow, value: string | null): Cell {
  const { tenant, group, grain, events, skipped } = row;
  const [dims, window] = [dimsOf(shape, row), windowOf(row)];
  return { tenant, dims, group, grain, window, value, events, skipped };
}

function pushCells(
  shape: RunShape,
  algebra: Algebra<unknown, unknown>,
  row: RunRow,
  cells: readonly BlockCell[],
  into: Cell[],
): void {
  const { tenant, group, grain } = row;
  const [dims, cellMs] = [dimsOf(shape, row), GRAIN_MS[shape.grains[0] ?? "hour"]];
  for (const { cell, events, skipped, state } of cells) {
    const startMs = (row.startMs + cell * cellMs) as EpochMs;
    const window = windowOf({ startMs, grain });
    const { value } = algebra.present(algebra.decode(state), { window, events });
    const text = value === null ? null : formatDecimal(value);
    into.push({ tenant, dims, group, grain, window, value: text, events, skipped });
  }
}

/** In the order of cells: by time, then by text. */
export function changesOf(before: CellMap, after: CellMap): CellChange[] {
  const changes: CellChange[] = [];
  for (const [key, cell] of after) {
    const was = before.get(key);
    if (!was || was.value !== cell.value) changes.push(changeOf(cell, was?.value, cell.value));
  }
  for (const [key, cell] of before)
    if (!after.has(key)) changes.push(changeOf(cell, cell.value, undefined));
  return changes.sort(
    (a, b) =>
      a.dims.length - b.dims.length ||
      a.window.from - b.window.from ||
      b.window.until - a.window.until ||
      compare(a.tenant, b.tenant) ||
      compare(a.group, b.group),
  );
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

function changeOf(
  { tenant, dims, group, grain, window }: Cell,
  before: string | null | undefined,
  after: string | null | undefined,
): CellChange {
  return { tenant, dims, group, grain, window, before, after };
}
