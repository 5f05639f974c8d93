// What a run shows of whole days, by tenant and group, from its rows. Pure. Of two runs that differ in some rows
// what both hold is added up once.
import {
  BlockCursor,
  dayStart,
  formatDecimal,
  getOrMake,
  type RunRow,
  type UtcDay,
} from "@tandem/shared-logic";
import {
  type Cell,
  type CellMap,
  cellKey,
  cellOfRow,
  dimsOf,
  eachCell,
  isOfDay,
  type RunShape,
  sameState,
} from "./cells.ts";
import type { RowChange } from "./patch-run.ts";

/** The whole day of each tenant and group, from the rows of a run. */
export function dayTotals(shape: RunShape, day: UtcDay, rows: Iterable<RunRow>): CellMap {
  const own = [...rows].filter((row) => isOfDay(row, day));
  const sums: Sums = new Map();
  for (const row of own) addRow(shape, sums, row);
  return shownTotals(shape, day, own, sums);
}

export interface TotalsBoth {
  readonly before: CellMap;
  readonly after: CellMap;
}

/** Of the totals, and of groups in which a row differs. */
export function totalsOfChanged(
  shape: RunShape,
  day: UtcDay,
  rows: readonly RunRow[],
  changes: readonly RowChange[],
): TotalsBoth {
  const changed = new Set<string>();
  const fresh = new Set<RunRow>();
  const [before, after]: [RunRow[], RunRow[]] = [[], []];
  const [both, ofBefore, ofAfter]: [Sums, Sums, Sums] = [new Map(), new Map(), new Map()];
  for (const { before: was, after: now } of changes) {
    const row = now ?? was;
    if (!row || !isOfDay(row, day)) continue;
    changed.add(groupKey(row));
    if (was) before.push(was);
    if (now) {
      after.push(now);
      fresh.add(now);
    }
    if (was && now && shape.additive) addBoth(shape, { both, ofBefore, ofAfter }, was, now);
    else {
      if (was) addRow(shape, ofBefore, was);
      if (now) addRow(shape, ofAfter, now);
    }
  }
  for (const row of rows) {
    if (!isOfDay(row, day) || fresh.has(row)) continue;
    if (row.set !== 0 && !changed.has(groupKey(row))) continue;
    before.push(row);
    after.push(row);
    addRow(shape, both, row);
  }
  return {
    before: shownTotals(shape, day, before, plusSums(shape, both, ofBefore)),
    after: shownTotals(shape, day, after, plusSums(shape, both, ofAfter)),
  };
}

function shownTotals(shape: RunShape, day: UtcDay, rows: Iterable<RunRow>, sums: Sums): CellMap {
  const window = { from: dayStart(day), until: dayStart((day + 1) as UtcDay) };
  const cells = new Map<string, Cell>();
  const put = (cell: Cell): void => void cells.set(cellKey(cell), cell);
  if (!shape.additive) {
    // Values are stored; events come from the cells, as rows of values alone have none.
    for (const row of rows) {
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

const groupKey = (r: RunRow): string => `${r.set} ${r.tenant.length} ${r.tenant}${r.group}`;

interface GroupSum {
  readonly row: RunRow;
  state: unknown;
  events: number;
  skipped: number;
}
type Sums = Map<string, GroupSum>;

const sumOf = ({ additive }: RunShape, sums: Sums, row: RunRow): GroupSum =>
  getOrMake(sums, groupKey(row), () => ({ row, state: additive?.zero, events: 0, skipped: 0 }));

function addRow(shape: RunShape, sums: Sums, row: RunRow): void {
  if (row.grain !== shape.grains[0]) return;
  const sum = sumOf(shape, sums, row);
  sum.events += row.events;
  sum.skipped += row.skipped;
  if (!shape.additive) return;
  const cells = new BlockCursor(row.state);
  while (cells.next()) addState(shape, sum, cells);
}

function addState({ additive }: RunShape, sum: GroupSum, cell: BlockCursor): void {
  if (!additive) return;
  const state = additive.decode(cell.block.subarray(cell.from, cell.until));
  sum.state = additive.plus(sum.state, state);
}

/** Of one row as it was and as it is: cells that are the same are added up once. */
function addBoth(
  shape: RunShape,
  sums: { readonly both: Sums; readonly ofBefore: Sums; readonly ofAfter: Sums },
  was: RunRow,
  now: RunRow,
): void {
  if (now.grain !== shape.grains[0]) return;
  const [both, ofBefore, ofAfter] = [
    sumOf(shape, sums.both, now),
    sumOf(shape, sums.ofBefore, was),
    sumOf(shape, sums.ofAfter, now),
  ];
  ofBefore.events += was.events;
  ofBefore.skipped += was.skipped;
  ofAfter.events += now.events;
  ofAfter.skipped += now.skipped;
  eachCell(new BlockCursor(was.state), new BlockCursor(now.state), (a, b) => {
    if (a && b && sameState(a, b)) addState(shape, both, a);
    else {
      if (a) addState(shape, ofBefore, a);
      if (b) addState(shape, ofAfter, b);
    }
  });
}

function plusSums({ additive }: RunShape, a: Sums, b: Sums): Sums {
  const sums = new Map([...a].map(([key, sum]) => [key, { ...sum }]));
  for (const [key, more] of b) {
    const sum = sums.get(key);
    if (!sum) {
      sums.set(key, more);
      continue;
    }
    sum.events += more.events;
    sum.skipped += more.skipped;
    if (additive) sum.state = additive.plus(sum.state, more.state);
  }
  return sums;
}
