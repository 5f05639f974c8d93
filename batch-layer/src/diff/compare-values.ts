// The values on which two metrics differ on a day, from the rows of a run of each. Pure. Only what both keep is
// compared: grouping sets and grains that they share, and whole days; a cell that is not there has the value of
// nothing.
import {
  type Algebra,
  formatDecimal,
  type Metric,
  type RunRow,
  type UtcDay,
  type Window,
} from "@tandem/shared-logic";
import {
  type Cell,
  type CellChange,
  type CellMap,
  cellsOfRun,
  changesOf,
  shapeOf,
} from "../heal/cells.ts";
import { dayTotals } from "../heal/day-totals.ts";

export interface MetricRows {
  readonly metric: Metric;
  readonly rows: readonly RunRow[];
}

const setKey = (dims: readonly string[]): string => JSON.stringify(dims);

/** Grouping sets that one of the two alone has. */
export function unsharedSets(
  a: Pick<Metric, "sets">,
  b: Pick<Metric, "sets">,
): { readonly a: (readonly string[])[]; readonly b: (readonly string[])[] } {
  const [ofA, ofB] = [a, b].map(({ sets }) => new Set(sets.map(setKey)));
  return {
    a: a.sets.filter((s) => !ofB?.has(setKey(s))),
    b: b.sets.filter((s) => !ofA?.has(setKey(s))),
  };
}

/** `before` is the value of `a`, `after` that of `b`; totals first, then by time. */
export function differingValues(day: UtcDay, a: MetricRows, b: MetricRows): CellChange[] {
  const kept = keptByBoth(a.metric, b.metric);
  const changes = changesOf(cellsOf(day, a, kept), cellsOf(day, b, kept));
  return changes.flatMap((c) => {
    const before = c.before === undefined ? nothing(a.metric, c.window) : c.before;
    const after = c.after === undefined ? nothing(b.metric, c.window) : c.after;
    return before === after ? [] : [{ ...c, before, after }];
  });
}

type Kept = (cell: Cell) => boolean;

function keptByBoth(a: Metric, b: Metric): Kept {
  const ofB = new Set(b.sets.map(setKey));
  const sets = new Set(a.sets.map(setKey).filter((key) => ofB.has(key)));
  const [grainsA, grainsB] = [a, b].map(({ reducer }) =>
    reducer.additive ? reducer.grains.slice(0, 1) : reducer.grains,
  );
  const grains = new Set<string>(grainsA?.filter((g) => grainsB?.includes(g)));
  return (cell) => sets.has(setKey(cell.dims)) && (grains.has(cell.grain) || cell.grain === "day");
}

/** Cells as they are stored, and whole days. */
function cellsOf(day: UtcDay, { metric, rows }: MetricRows, kept: Kept): CellMap {
  const shape = shapeOf(metric);
  const cells = new Map<string, Cell>();
  for (const map of [cellsOfRun(shape, day, rows), dayTotals(shape, day, rows)])
    for (const [key, cell] of map) if (kept(cell)) cells.set(key, cell);
  return cells;
}

/** What an answer says of a window without events. */
function nothing({ reducer }: Metric, window: Window): string | null {
  const exact = reducer.exact as Algebra<unknown, unknown>;
  const { value } = exact.present(exact.zero, { window, events: 0 });
  return value === null ? null : formatDecimal(value);
}
