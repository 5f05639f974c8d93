// Whether what a day's run stored of it is what is asked of it, within a range that is merged of several runs.
import type { AnyReducer } from "../algebra/reducer.ts";
import { GRAIN_MS, type Window } from "../time/calendar.ts";
import { DAY_MS, dayOf, dayStart, type EpochMs, type UtcDay } from "../time/epoch-ms.ts";
import type { Piece } from "./day-pieces.ts";
import type { MergedDay } from "./merge-window.ts";
import type { ReadView } from "./view.ts";

/**
 * Whether the day's run has read as far as those of the days before it that it reaches into. The first day of a
 * window brings its reach along, so that the window knows of what lies before it no more than that day.
 */
export function hasSeenBefore({ days, metric }: ReadView, { from }: Window, day: UtcDay): boolean {
  const own = days.get(day)?.v;
  const first = Math.max(from, dayStart(day) - metric.reducer.reach.beforeMs) as EpochMs;
  for (let x = dayOf(first); x < day; x = (x + 1) as UtcDay) {
    const v = days.get(x)?.v;
    if (v?.some((offset, p) => offset > (own?.[p] ?? 0))) return false;
  }
  return true;
}

/** Merging a range looks at the reach of its ends alone: that of each day is looked at here. */
export function isSettled(
  { reach, grains }: AnyReducer,
  { day, touched, pieces }: MergedDay,
): boolean {
  if (touched) return false;
  if (reach.beforeMs + reach.afterMs === 0) return true;
  const cellMs = GRAIN_MS[grains[0] ?? "hour"];
  const [from, until] = [dayStart(day) - reach.beforeMs, dayStart(day) + DAY_MS + reach.afterMs];
  const touches = ({ block, doubt, cells }: Piece): boolean => {
    if (doubt === undefined || block >= until) return false;
    let found = false;
    cells.rewind();
    while (!found && cells.next()) {
      const at = block + cells.cell * cellMs;
      found = at + cellMs > from && at < until;
    }
    // The next window is merged from the first cell on.
    cells.rewind();
    return found;
  };
  for (const list of pieces.blocks.values()) if (list.some(touches)) return false;
  return true;
}
