// Which windows of a span have something else than they had: told by the cells of its rows, so that one event more is
// one window made anew.
import { BlockCursor } from "../fold/block.ts";
import type { Piece } from "./day-pieces.ts";
import type { WindowSpan } from "./window-spans.ts";

/** Cells [first, last] of a block. */
interface CellRange {
  readonly first: number;
  readonly last: number;
}

type Changed = Pick<WindowSpan, "first" | "last">;

/**
 * All windows of the span from the first that has changed to the last. `edges`: where they begin and end, one after the
 * other. Undefined where other rows were there, or a cell is gone: then groups may be gone that are shown everywhere.
 */
export function changedWindows(
  { first }: WindowSpan,
  edges: Float64Array,
  was: readonly Piece[],
  is: readonly Piece[],
  cellMs: number,
): Changed | undefined {
  if (was.length !== is.length) return undefined;
  let [from, until] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (let i = 0; i < is.length; i++) {
    const [a, b] = [was[i]!, is[i]!];
    if (!isSamePlace(a, b)) return undefined;
    if (a.bytes === b.bytes) continue;
    const cells = changedCells(a.bytes, b.bytes);
    if (cells === undefined) return undefined;
    if (cells.last < cells.first) continue;
    from = Math.min(from, b.block + cells.first * cellMs);
    until = Math.max(until, b.block + (cells.last + 1) * cellMs);
  }
  const windows = edges.length / 2;
  let low = 0;
  while (low < windows && edges[2 * low + 1]! <= from) low++;
  let high = low;
  while (high < windows && edges[2 * high]! < until) high++;
  return { first: first + low, last: first + high };
}

/** Rows of which only the cells may be others. What `unnamed` says, the group does. */
export const isSamePlace = (a: Piece, b: Piece): boolean =>
  a.doubt === b.doubt && a.torn === b.torn && a.block === b.block && a.group === b.group;

const NO_CELLS: CellRange = { first: 0, last: -1 };

/** Undefined where a cell is no longer there. */
function changedCells(was: Uint8Array, is: Uint8Array): CellRange | undefined {
  const [before, after] = [new BlockCursor(was), new BlockCursor(is)];
  let range = NO_CELLS;
  let more = before.next();
  while (after.next()) {
    const { cell } = after;
    if (more && before.cell < cell) return undefined;
    const known = more && before.cell === cell;
    if (!known || !isSameCell(before, after))
      range = { first: range === NO_CELLS ? cell : range.first, last: cell };
    if (known) more = before.next();
  }
  return more ? undefined : range;
}

function isSameCell(a: BlockCursor, b: BlockCursor): boolean {
  if (a.events !== b.events || a.skipped !== b.skipped) return false;
  const length = a.until - a.from;
  if (b.until - b.from !== length) return false;
  for (let i = 0; i < length; i++) if (a.block[a.from + i] !== b.block[b.from + i]) return false;
  return true;
}
