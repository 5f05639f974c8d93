// From the partial states of all partitions to the rows of a run (or of a week or month): states merge by
// the exact algebra, groups are ranked exactly, each window is presented once, and the approximate state
// is the exact one's image under the bridge.
import {
  type Algebra,
  blockStart,
  dayStart,
  decodeBlock,
  type EpochMs,
  type Estimate,
  encodeBlock,
  formatDecimal,
  GRAIN_MS,
  getOrMake,
  type Metric,
  OTHER_GROUP,
  type PartialRow,
  type RunRow,
  TOTAL_GROUP,
  type UtcDay,
  type Window,
  windowEnd,
} from "@tandem/shared-logic";
import { type Cell, type CellForm, decodedForm, type Starts, statesIn } from "./cell-form.ts";
import { type Estimates, estimatesIn, windowAt } from "./whole-estimates.ts";

/** tenant -> set -> group -> cell start -> cell. */
export type Cells = Map<string, Map<number, Map<string, Map<EpochMs, Cell>>>>;

export function addPartial(
  metric: Metric,
  cells: Cells,
  rows: readonly PartialRow[],
  range?: Window,
  form = decodedForm(metric),
): void {
  const grainMs = GRAIN_MS[metric.reducer.grains[0] ?? "hour"];
  for (const row of rows) {
    const groups = getOrMake(
      getOrMake(cells, row.tenant, () => new Map()),
      row.set,
      () => new Map<string, Map<EpochMs, Cell>>(),
    );
    const starts = getOrMake(groups, row.group, () => new Map<EpochMs, Cell>());
    for (const c of decodeBlock(row.state)) {
      const start = (row.startMs + c.cell * grainMs) as EpochMs;
      if (range && (start < range.from || start >= range.until)) continue;
      const cell = getOrMake(starts, start, () => ({ state: form.zero, events: 0, skipped: 0 }));
      cell.state = form.add(cell.state, c.state);
      cell.events += c.events;
      cell.skipped += c.skipped;
    }
  }
}

/** Folds groups beyond the metric's limit, ranked by their events inside `window`, into `(other)`. */
export function capGroups(metric: Metric, cells: Cells, window: Window): void {
  const algebra = metric.reducer.exact as Algebra<unknown, unknown>;
  for (const sets of cells.values()) {
    for (const groups of sets.values()) {
      if (groups.size <= metric.limit) continue;
      const ranked = [...groups].map(([group, starts]) => {
        let events = 0;
        for (const [start, cell] of starts)
          if (start >= window.from && start < window.until) events += cell.events;
        return { group, events };
      });
      ranked.sort((a, b) => b.events - a.events || (a.group < b.group ? -1 : 1));
      const other = new Map<EpochMs, Cell>();
      for (const { group } of ranked.slice(metric.limit)) {
        for (const [start, cell] of groups.get(group) ?? []) {
          const into = getOrMake(other, start, () => ({
            state: algebra.zero,
            events: 0,
            skipped: 0,
          }));
          into.state = algebra.plus(into.state, cell.state);
          into.events += cell.events;
          into.skipped += cell.skipped;
        }
        groups.delete(group);
      }
      groups.set(OTHER_GROUP, other);
    }
  }
}

/** Rows of the run of one day. */
export function* runRows(metric: Metric, cells: Cells, day: UtcDay): Generator<RunRow> {
  const own: Window = { from: dayStart(day), until: dayStart((day + 1) as UtcDay) };
  capGroups(metric, cells, own);
  for (const [tenant, sets] of cells) {
    for (const [set, groups] of sets) {
      for (const [group, starts] of groups)
        yield* groupRows(metric, tenant, set, group, starts, own);
    }
  }
}

/** Stands where the state is the one that the cell's row had before. */
export const STATE_AS_IT_WAS = new Uint8Array(0);

/**
 * `touched`: starts of the blocks that changed; no rows of other finest cells, or where the state holds its
 * dimensions inside, and any value may have changed, with `STATE_AS_IT_WAS`.
 */
export function* groupRows(
  metric: Metric,
  tenant: string,
  set: number,
  group: string,
  starts: Starts,
  own: Window,
  touched?: ReadonlySet<EpochMs>,
  form = decodedForm(metric),
): Generator<RunRow> {
  const { reducer } = metric;
  const finest = reducer.grains[0] ?? "hour";
  const key = { tenant, set, group };
  if (reducer.additive) {
    for (const [block, cells] of blocksOf(metric, starts)) {
      yield {
        ...key,
        grain: finest,
        startMs: block,
        ...totals(cells),
        state: blockOf(metric, form, block, cells),
      };
    }
    return;
  }
  const shown = reducer.inside ? form.shown(starts, own) : undefined;
  const sorted = [...starts].sort((a, b) => a[0] - b[0]);
  for (const [start, cell] of sorted) {
    const inside = start >= own.from && start < own.until;
    const block = blockStart(start, finest);
    const changed = touched?.has(block) ?? true;
    if (!changed && !(inside && shown)) continue;
    const state = changed ? blockOf(metric, form, block, [[start, cell]]) : STATE_AS_IT_WAS;
    const row = {
      ...key,
      grain: finest,
      startMs: start,
      events: cell.events,
      skipped: cell.skipped,
      state,
    };
    if (!inside) yield row;
    else if (shown) yield { ...row, value: textOf(shown(finest, start, 0).get(TOTAL_GROUP)) };
    else
      yield { ...row, value: valueText(form, [cell.state], windowAt(start, finest), cell.events) };
  }
  for (const grain of reducer.grains) {
    if (grain === finest && !shown) continue;
    for (let from = own.from; from < own.until; from = windowEnd(from, grain)) {
      const w = windowAt(from, grain);
      if (shown) {
        // A window without events of its own may show something of its reach: a rolling week does.
        if (grain === finest && !starts.has(from)) {
          const [value, nothing] = [shown(grain, from, 0).get(TOTAL_GROUP), nothingOf(metric, w)];
          if (textOf(value) !== nothing)
            yield {
              ...key,
              grain,
              startMs: from,
              events: 0,
              skipped: 0,
              value: textOf(value),
              state: EMPTY_BLOCK,
            };
        }
        for (let s = grain === finest ? 1 : 0; s < metric.sets.length; s++)
          yield* groupValueRows(metric, tenant, grain, w, s, shown(grain, from, s));
        continue;
      }
      const { states, events, skipped } = statesIn(starts, w);
      if (events + skipped === 0) continue;
      const value = valueText(form, states, w, events);
      yield {
        ...key,
        grain,
        startMs: from,
        events,
        skipped,
        value,
        state: EMPTY_BLOCK,
      };
    }
  }
}

const EMPTY_BLOCK = encodeBlock([]);

/** Values of a state that holds its dimensions inside: a row per group of each set. */
export function* valueRows(
  metric: Metric,
  tenant: string,
  grain: RunRow["grain"],
  w: Window,
  whole: Cell,
): Generator<RunRow> {
  for (let set = 0; set < metric.sets.length; set++)
    yield* groupValueRows(metric, tenant, grain, w, set, estimatesIn(metric, whole, w, set));
}

function* groupValueRows(
  metric: Metric,
  tenant: string,
  grain: RunRow["grain"],
  { from: startMs }: Window,
  set: number,
  estimates: Estimates,
): Generator<RunRow> {
  let shown = [...estimates];
  if (shown.length > metric.limit) {
    shown.sort(
      (a, b) =>
        Number((b[1].value?.units ?? 0n) - (a[1].value?.units ?? 0n)) || (a[0] < b[0] ? -1 : 1),
    );
    shown = shown.slice(0, metric.limit);
  }
  const none = { events: 0, skipped: 0, state: EMPTY_BLOCK };
  for (const [group, e] of shown)
    yield { tenant, set, group, grain, startMs, ...none, value: textOf(e) };
}

function nothingOf(metric: Metric, window: Window): string | null {
  const { zero } = metric.reducer.exact as Algebra<unknown, unknown>;
  return valueText(decodedForm(metric), [zero], window, 0);
}

const textOf = (e: Estimate | undefined): string | null =>
  e === undefined || e.value === null ? null : formatDecimal(e.value);

const valueText = (
  form: CellForm,
  states: readonly unknown[],
  window: Window,
  events: number,
): string | null => textOf(form.present(states, { window, events }));

function* blocksOf(metric: Metric, starts: Starts): Generator<[EpochMs, [EpochMs, Cell][]]> {
  const byBlock = new Map<EpochMs, [EpochMs, Cell][]>();
  for (const entry of [...starts].sort((a, b) => a[0] - b[0])) {
    getOrMake(byBlock, blockStart(entry[0], metric.reducer.grains[0] ?? "hour"), () => []).push(
      entry,
    );
  }
  yield* byBlock;
}

function totals(cells: readonly [EpochMs, Cell][]): { events: number; skipped: number } {
  return {
    events: cells.reduce((n, [, c]) => n + c.events, 0),
    skipped: cells.reduce((n, [, c]) => n + c.skipped, 0),
  };
}

function blockOf(
  metric: Metric,
  form: CellForm,
  block: EpochMs,
  cells: readonly [EpochMs, Cell][],
): Uint8Array {
  const cellMs = GRAIN_MS[metric.reducer.grains[0] ?? "hour"];
  return encodeBlock(
    cells.map(([start, c]) => ({
      cell: (start - block) / cellMs,
      events: c.events,
      skipped: c.skipped,
      state: form.approx(c.state),
    })),
  );
}
