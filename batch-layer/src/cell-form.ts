// What the state of a cell is held as while a run's rows are made of it: decoded, as it is here, or, where few
// of many users are touched, as bytes (heal/encoded-form.ts). The rows are the same.
import {
  type Algebra,
  type EpochMs,
  type Estimate,
  getOrMake,
  type Metric,
  type PresentContext,
  type StoredGrain,
  type Window,
} from "@tandem/shared-logic";
import { type Estimates, estimatesIn, estimatesOf, windowAt } from "./whole-estimates.ts";

export interface Cell {
  state: unknown;
  events: number;
  skipped: number;
}

export type Starts = ReadonlyMap<EpochMs, Cell>;

export interface CellForm {
  readonly zero: unknown;
  /** The state with an encoded exact one added. */
  add(state: unknown, encoded: Uint8Array): unknown;
  /** The approximate state's bytes. */
  approx(state: unknown): Uint8Array;
  /** What the exact algebra's `present` gives of the sum of these states. */
  present(states: readonly unknown[], context: PresentContext): Estimate;
  /** Where states hold their dimensions inside: what all cells together show, by window and set. */
  shown(starts: Starts, own: Window): (grain: StoredGrain, from: EpochMs, set: number) => Estimates;
}

export function decodedForm(metric: Metric): CellForm {
  const { reducer } = metric;
  const algebra = reducer.exact as Algebra<unknown, unknown>;
  return {
    zero: algebra.zero,
    add: (state, encoded) => algebra.plus(state, algebra.decode(encoded)),
    approx: (state) => reducer.approx.encode(reducer.toApprox(state)),
    present: (states, context) => algebra.present(plusAll(algebra, states), context),
    shown: (starts, own) =>
      reducer.reach.beforeMs + reducer.reach.afterMs === 0 && !algebra.presentEach
        ? eachAlone(metric, starts)
        : estimatesOf(metric, mergeCells(metric, starts, undefined), own),
  };
}

/** Without a reach a window shows its own cells, and `present` need not look for them among others. */
function eachAlone(metric: Metric, starts: Starts): ReturnType<CellForm["shown"]> {
  const merged = new Map<string, Cell>();
  return (grain, from, set) => {
    const w = windowAt(from, grain);
    const own = getOrMake(merged, `${grain} ${from}`, () => mergeCells(metric, starts, w));
    return estimatesIn(metric, own, w, set);
  };
}

export function mergeCells(metric: Metric, starts: Starts, w: Window | undefined): Cell {
  const algebra = metric.reducer.exact as Algebra<unknown, unknown>;
  const { states, events, skipped } = statesIn(starts, w);
  return { state: plusAll(algebra, states), events, skipped };
}

export interface StatesIn extends Pick<Cell, "events" | "skipped"> {
  readonly states: unknown[];
}

/** Of all cells that start in a window, or of all. */
export function statesIn(starts: Starts, w: Window | undefined): StatesIn {
  const all: StatesIn = { states: [], events: 0, skipped: 0 };
  for (const [start, cell] of starts) {
    if (w && (start < w.from || start >= w.until)) continue;
    all.states.push(cell.state);
    all.events += cell.events;
    all.skipped += cell.skipped;
  }
  return all;
}

/** The sum of states, in pairs of pairs: none is copied more often than the logarithm of their number. */
function plusAll(algebra: Algebra<unknown, unknown>, states: readonly unknown[]): unknown {
  let level = states;
  while (level.length > 1) {
    const next: unknown[] = [];
    for (let i = 0; i + 1 < level.length; i += 2) next.push(algebra.plus(level[i], level[i + 1]));
    if (level.length % 2 === 1) next.push(level.at(-1));
    level = next;
  }
  return level.length === 1 ? level[0] : algebra.zero;
}
