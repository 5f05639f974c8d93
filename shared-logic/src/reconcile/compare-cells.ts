// The cells of one day as both layers have them below one V: events that only one has, and cells whose states
// should be the same bytes and are not (`toApprox` is a homomorphism).
import type { AnyReducer } from "../algebra/reducer.ts";
import { getOrMake } from "../collections/get-or-make.ts";
import { TandemError } from "../errors.ts";
import { blockStart, decodeBlock } from "../fold/block.ts";
import { type RunRow, type StoredSpeedRow, SURE, SUSPECTED } from "../ports/view-store.ts";
import { GRAIN_MS, type Window } from "../time/calendar.ts";

interface Cell {
  batch: number;
  sure: number;
  suspected: number;
  unchecked: number;
  batchStates: Uint8Array[];
  sureStates: Uint8Array[];
}

export interface ComparedCells {
  readonly batch: number;
  readonly sure: number;
  readonly suspected: number;
  readonly unchecked: number;
  /** Sums over cells: what batch has beyond all that speed may have, and beyond what it is sure of. */
  readonly lackingAtLeast: number;
  readonly lackingAtMost: number;
  /** What speed is sure of beyond batch, and all it may have beyond batch. */
  readonly surplusAtLeast: number;
  readonly surplusAtMost: number;
  /** Chance that two of batch's events lie in one cell: what a cell lacks and has beyond hides in it. */
  readonly together: number;
  /** Cells with the same events in both and no doubt, and those of them whose states differ. */
  readonly comparable: number;
  readonly differ: number;
}

/** `run`: rows at the finest grain; `speed`: rows below V; both of one group. */
export function compareCells(
  reducer: AnyReducer,
  window: Window,
  run: readonly RunRow[],
  speed: readonly StoredSpeedRow[],
): ComparedCells {
  const grain = reducer.grains[0] ?? "hour";
  const cellMs = GRAIN_MS[grain];
  const cells = new Map<number, Cell>();
  const at = (block: number, cell: number): Cell | undefined => {
    const start = block + cell * cellMs;
    if (start < window.from || start >= window.until) return undefined;
    return getOrMake(cells, start, () => ({
      batch: 0,
      sure: 0,
      suspected: 0,
      unchecked: 0,
      batchStates: [],
      sureStates: [],
    }));
  };
  for (const row of run) {
    for (const c of decodeBlock(row.state)) {
      const cell = at(blockStart(row.startMs, grain), c.cell);
      if (!cell) continue;
      cell.batch += c.events;
      cell.batchStates.push(c.state);
    }
  }
  for (const row of speed) {
    for (const c of decodeBlock(row.state)) {
      const cell = at(row.startMs, c.cell);
      if (!cell) continue;
      if (row.doubt === SURE) {
        cell.sure += c.events;
        cell.sureStates.push(c.state);
      } else if (row.doubt === SUSPECTED) cell.suspected += c.events;
      else cell.unchecked += c.events;
    }
  }
  const sums = {
    batch: 0,
    sure: 0,
    suspected: 0,
    unchecked: 0,
    lackingAtLeast: 0,
    lackingAtMost: 0,
    surplusAtLeast: 0,
    surplusAtMost: 0,
    comparable: 0,
    differ: 0,
  };
  let squares = 0;
  for (const c of cells.values()) {
    const most = c.sure + c.suspected + c.unchecked;
    sums.batch += c.batch;
    squares += c.batch ** 2;
    sums.sure += c.sure;
    sums.suspected += c.suspected;
    sums.unchecked += c.unchecked;
    sums.lackingAtLeast += Math.max(0, c.batch - most);
    sums.lackingAtMost += Math.max(0, c.batch - c.sure);
    sums.surplusAtLeast += Math.max(0, c.sure - c.batch);
    sums.surplusAtMost += Math.max(0, most - c.batch);
    if (c.batch !== c.sure || most !== c.sure) continue;
    sums.comparable++;
    if (!sameState(reducer, c.batchStates, c.sureStates)) sums.differ++;
  }
  return { ...sums, together: sums.batch > 0 ? squares / sums.batch ** 2 : 0 };
}

function sameState(
  reducer: AnyReducer,
  a: readonly Uint8Array[],
  b: readonly Uint8Array[],
): boolean {
  const { approx } = reducer;
  const merged = (states: readonly Uint8Array[]): Uint8Array =>
    approx.encode(
      states.reduce<unknown>((sum, bytes) => approx.plus(sum, approx.decode(bytes)), approx.zero),
    );
  try {
    const [x, y] = [merged(a), merged(b)];
    return x.length === y.length && x.every((byte, i) => byte === y[i]);
  } catch (error) {
    // States that refuse to be merged are not the same.
    if (error instanceof TandemError) return false;
    throw error;
  }
}
