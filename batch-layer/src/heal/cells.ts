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
  getOrMake,
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

const keyOf = (c: Omit<Cell, "value" | "events" | "skipped">): string =>
  JSON.stringify([c.tenant, c.dims, c.group, c.grain, c.window.from]);

const isOfDay = ({ startMs }: RunRow, day: UtcDay): boolean =>
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
  new Map(cells.map((cell) => [keyOf(cell), cell]));

/** The cells of each block that do not stand in the other just so; both are in order. */
function differing(a: BlockCursor, b: BlockCursor): [BlockCell[], BlockCell[]] {
  const [ofA, ofB]: [BlockCell[], BlockCell[]] = [[], []];
  let [inA, inB] = [a.next(), b.next()];
  while (inA || inB) {
    const first = !inB || (inA && a.cell < b.cell) ? -1 : !inA || b.cell < a.cell ? 1 : 0;
    const other = first !== 0 || !sameState(a, b);
    if (first <= 0 && other) ofA.push(heldCell(a));
    if (first >= 0 && other) ofB.push(heldCell(b));
    if (first <= 0) inA = a.next();
    if (first >= 0) inB = b.next();
  }
  return [ofA, ofB];
}

const heldCell = (c: BlockCursor): BlockCell => ({
  cell: c.cell,
  events: c.events,
  skipped: c.skipped,
  state: c.block.subarray(c.from, c.until),
});

function sameState(a: BlockCursor, b: BlockCursor): boolean {
  const length = a.until - a.from;
  if (length !== b.until - b.from) return false;
  for (let i = 0; i < length; i++) if (a.block[a.from + i] !== b.block[b.from + i]) return false;
  return true;
}

const windowOf = (row: Pick<RunRow, "startMs" | "grain">): Window => ({
  from: row.startMs,
  until: windowEnd(row.startMs, row.grain),
});

const dimsOf = ({ sets }: RunShape, row: RunRow): readonly string[] => sets[row.set] ?? [];

function cellOfRow(shape: RunShape, row: RunRow, value: string | null): Cell {
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

/** Rows of the totals, and of groups in which a row differs. */
export function rowsOfChanged(
  rows: readonly RunRow[],
  changes: readonly RowChange[],
): { readonly before: RunRow[]; readonly after: RunRow[] } {
  const changed = new Set<string>();
  const fresh = new Set<RunRow>();
  for (const { before, after } of changes) {
    changed.add(groupKey(before ?? after));
    if (after) fresh.add(after);
  }
  const after = rows.filter((row) => row.set === 0 || changed.has(groupKey(row)));
  const before = after.filter((row) => !fresh.has(row));
  for (const change of changes) if (change.before) before.push(change.before);
  return { before, after };
}

/** The whole day of each tenant and group, from the rows of a run. */
export function dayTotals(shape: RunShape, day: UtcDay, rows: Iterable<RunRow>): CellMap {
  const window = { from: dayStart(day), until: dayStart((day + 1) as UtcDay) };
  const own = [...rows].filter((row) => isOfDay(row, day));
  const cells = new Map<string, Cell>();
  const put = (cell: Cell): void => void cells.set(keyOf(cell), cell);
  const sums = sumsOf(shape, own);
  if (!shape.additive) {
    // Values are stored; events come from the cells, as rows of values alone have none.
    for (const row of own) {
      if (row.grain !== "day" || row.value === undefined) continue;
      const events = sums.get(groupKey(row))?.events ?? 0;
      put({ ...cellOfRow(shape, row, row.value), events });
    }
    return cells;
  }
  for (const { row, state, events, skipped } of sums.values()) {
    const { value } = shape.additive.present(state, { window, events });
    const text = value === null ? null : formatDecimal(value);
    const { tenant, group } = row;
    const dims = dimsOf(shape, row);
    put({ tenant, dims, group, grain: "day", window, value: text, events, skipped });
  }
  return cells;
}

const groupKey = (r: RunRow | undefined): string =>
  r === undefined ? "" : `${r.set} ${r.tenant.length} ${r.tenant}${r.group}`;

interface GroupSum {
  readonly row: RunRow;
  state: unknown;
  events: number;
  skipped: number;
}

function sumsOf({ additive, grains }: RunShape, rows: readonly RunRow[]): Map<string, GroupSum> {
  const sums = new Map<string, GroupSum>();
  for (const row of rows) {
    if (row.grain !== grains[0]) continue;
    const sum = getOrMake(sums, groupKey(row), () => ({
      row,
      state: additive?.zero,
      events: 0,
      skipped: 0,
    }));
    sum.events += row.events;
    sum.skipped += row.skipped;
    if (!additive) continue;
    const cells = new BlockCursor(row.state);
    while (cells.next()) {
      const state = additive.decode(row.state.subarray(cells.from, cells.until));
      sum.state = additive.plus(sum.state, state);
    }
  }
  return sums;
}
