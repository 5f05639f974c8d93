// What days that are known exactly say of a range that has them, where the range itself is estimated from a
// sample: at least so much. A day says it only while its stored value is what is asked of it alone, with no row
// at or above its V in the day or its reach; and where days are added up, only with no day before it in its reach
// read further than itself: what stands there and it has not seen may take from it what it counted.
import { addDecimal, compareDecimal, type Decimal } from "../algebra/decimal.ts";
import type { AnyReducer } from "../algebra/reducer.ts";
import { OTHER_GROUP } from "../metrics/group.ts";
import { GRAIN_MS, type Window } from "../time/calendar.ts";
import { DAY_MS, dayOf, dayStart, type EpochMs, type UtcDay } from "../time/epoch-ms.ts";
import { byText } from "./by-text.ts";
import type { Piece } from "./day-pieces.ts";
import { type ValueIndex, valuesOfDay } from "./known-values.ts";
import type { Merged, MergedDay } from "./merge-window.ts";
import type { ReadView } from "./view.ts";

/** By group, as far as days say anything. Made when first asked for. */
export function dayFloors(
  view: ReadView,
  index: ValueIndex,
  window: Window,
  { days }: Merged,
  dims: readonly string[],
): () => ReadonlyMap<string, Decimal> {
  const { reducer } = view.metric;
  let floors: Map<string, Decimal> | undefined;
  return () => {
    if (floors) return floors;
    floors = new Map();
    // Where records are lost, runs of one range have seen different ones of them.
    const lost = days.some(({ day }) => view.days.get(day)?.lost !== undefined);
    const bound = days.length > 1 && !lost ? reducer.atLeastDays?.(dims) : undefined;
    if (bound === undefined) return floors;
    for (const day of days) {
      if (!liesIn(day.day, window) || !isSettled(reducer, day)) continue;
      if (bound === "sum" && !hasSeenBefore(view, window, day.day)) continue;
      for (const [group, value] of valuesOfDay(index, day.run, day.day) ?? []) {
        if (value === null) continue;
        const before = floors.get(group);
        const both = bound === "sum" ? addDecimal : largest;
        floors.set(group, before === undefined ? value : both(before, value));
      }
    }
    return floors;
  };
}

/** `seen`, and groups that only days know to have something, the largest first, up to `limit` in all. */
export function seenInDays(
  seen: readonly string[],
  floors: ReadonlyMap<string, Decimal>,
  limit: number,
): readonly string[] {
  if (floors.size === 0) return seen;
  const known = new Set(seen);
  const more = [...floors]
    .filter(([group, { units }]) => units > 0n && group !== OTHER_GROUP && !known.has(group))
    .sort((a, b) => compareDecimal(b[1], a[1]) || byText(a[0], b[0]));
  const room = Math.max(0, limit - seen.length);
  return [...seen, ...more.slice(0, room).map(([group]) => group)];
}

const largest = (a: Decimal, b: Decimal): Decimal => (compareDecimal(a, b) >= 0 ? a : b);

const liesIn = (day: UtcDay, { from, until }: Window): boolean =>
  dayStart(day) >= from && dayStart((day + 1) as UtcDay) <= until;

/**
 * Whether the day's run has read as far as those of the days before it that it reaches into. The first day of a
 * window brings its reach along, so that the window knows of what lies before it no more than that day.
 */
function hasSeenBefore({ days, metric }: ReadView, { from }: Window, day: UtcDay): boolean {
  const own = days.get(day)?.v;
  const first = Math.max(from, dayStart(day) - metric.reducer.reach.beforeMs) as EpochMs;
  for (let x = dayOf(first); x < day; x = (x + 1) as UtcDay) {
    const v = days.get(x)?.v;
    if (v?.some((offset, p) => offset > (own?.[p] ?? 0))) return false;
  }
  return true;
}

/** Merging a range looks at the reach of its ends alone: that of each day is looked at here. */
function isSettled({ reach, grains }: AnyReducer, { day, touched, pieces }: MergedDay): boolean {
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
