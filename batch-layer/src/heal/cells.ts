// The cells of a run with their values, from its rows; and what differs between two runs. Pure. Rows of
// additive metrics are blocks of cells and are presented here; others carry their values.
import {
  type Algebra,
  dayStart,
  decodeBlock,
  type EpochMs,
  formatDecimal,
  GRAIN_MS,
  type Metric,
  type RunRow,
  type UtcDay,
  type Window,
  windowEnd,
} from "@tandem/shared-logic";

export interface Cell {
  readonly tenant: string;
  readonly set: number;
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
  JSON.stringify([c.tenant, c.set, c.group, c.grain, c.window.from]);

/** Cells of the day itself: states of its reach have no value of their own. */
export function cellsOfRun(metric: Metric, day: UtcDay, rows: Iterable<RunRow>): CellMap {
  const own = { from: dayStart(day), until: dayStart((day + 1) as UtcDay) };
  const cells = new Map<string, Cell>();
  const put = (cell: Cell): void => void cells.set(keyOf(cell), cell);
  for (const row of rows) {
    if (row.startMs < own.from || row.startMs >= own.until) continue;
    if (metric.reducer.additive) for (const cell of cellsOfBlock(metric, row)) put(cell);
    else if (row.value !== undefined) put({ ...row, window: windowOf(row), value: row.value });
  }
  return cells;
}

const windowOf = (row: Pick<RunRow, "startMs" | "grain">): Window => ({
  from: row.startMs,
  until: windowEnd(row.startMs, row.grain),
});

function* cellsOfBlock(metric: Metric, row: RunRow): Generator<Cell> {
  const { tenant, set, group, grain } = row;
  const algebra = metric.reducer.approx as Algebra<unknown, unknown>;
  const cellMs = GRAIN_MS[metric.reducer.grains[0] ?? "hour"];
  for (const { cell, events, skipped, state } of decodeBlock(row.state)) {
    const startMs = (row.startMs + cell * cellMs) as EpochMs;
    const window = windowOf({ startMs, grain });
    const { value } = algebra.present(algebra.decode(state), { window, events });
    const text = value === null ? null : formatDecimal(value);
    yield { tenant, set, group, grain, window, value: text, events, skipped };
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
      a.set - b.set ||
      a.window.from - b.window.from ||
      b.window.until - a.window.until ||
      compare(a.tenant, b.tenant) ||
      compare(a.group, b.group),
  );
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

function changeOf(
  { tenant, set, group, grain, window }: Cell,
  before: string | null | undefined,
  after: string | null | undefined,
): CellChange {
  return { tenant, set, group, grain, window, before, after };
}

/** The whole day of each tenant and group, from the rows of a run. */
export function dayTotals(metric: Metric, day: UtcDay, rows: Iterable<RunRow>): CellMap {
  const window = { from: dayStart(day), until: dayStart((day + 1) as UtcDay) };
  if (!metric.reducer.additive) return totalsStored(metric, day, rows);
  const algebra = metric.reducer.approx as Algebra<unknown, unknown>;
  const sums = new Map<string, { row: RunRow; state: unknown; events: number; skipped: number }>();
  for (const row of rows) {
    if (row.startMs < window.from || row.startMs >= window.until) continue;
    const key = JSON.stringify([row.tenant, row.set, row.group]);
    const sum = sums.get(key) ?? { row, state: algebra.zero, events: 0, skipped: 0 };
    for (const c of decodeBlock(row.state))
      sum.state = algebra.plus(sum.state, algebra.decode(c.state));
    sum.events += row.events;
    sum.skipped += row.skipped;
    sums.set(key, sum);
  }
  const cells = new Map<string, Cell>();
  for (const { row, state, events, skipped } of sums.values()) {
    const { value } = algebra.present(state, { window, events });
    const text = value === null ? null : formatDecimal(value);
    const { tenant, set, group } = row;
    const cell: Cell = { tenant, set, group, grain: "day", window, value: text, events, skipped };
    cells.set(keyOf(cell), cell);
  }
  return cells;
}

/** Values as stored at the day; events from the cells, as rows of values alone have none. */
function totalsStored(metric: Metric, day: UtcDay, rows: Iterable<RunRow>): CellMap {
  const finest = metric.reducer.grains[0] ?? "hour";
  const all = [...rows];
  const events = new Map<string, number>();
  const keyOfGroup = (r: RunRow): string => JSON.stringify([r.tenant, r.set, r.group]);
  const [from, until] = [dayStart(day), dayStart((day + 1) as UtcDay)];
  for (const r of all) {
    if (r.grain !== finest || r.startMs < from || r.startMs >= until) continue;
    events.set(keyOfGroup(r), (events.get(keyOfGroup(r)) ?? 0) + r.events);
  }
  const cells = new Map<string, Cell>();
  for (const r of all) {
    if (r.grain !== "day" || r.value === undefined) continue;
    const cell = {
      ...r,
      window: windowOf(r),
      value: r.value,
      events: events.get(keyOfGroup(r)) ?? 0,
    };
    cells.set(keyOf(cell), cell);
  }
  return cells;
}
