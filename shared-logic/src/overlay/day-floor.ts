// What the days of a range say of it, where the range itself is estimated from a sample: it has at least so much.
// Days that are known exactly bound it as they are stored, added up where occurrences stand in one day; any other
// day, which has a sample of its own, by the number that is shown of it, so that no day stands above its range.
import { addDecimal, compareDecimal, type Decimal } from "../algebra/decimal.ts";
import type { Estimate } from "../algebra/estimate.ts";
import type { AnyReducer } from "../algebra/reducer.ts";
import { groupText, OTHER_GROUP } from "../metrics/group.ts";
import type { Window } from "../time/calendar.ts";
import { dayStart, type UtcDay } from "../time/epoch-ms.ts";
import { byText } from "./by-text.ts";
import { larger } from "./estimate-parts.ts";
import { type ValueIndex, valuesOfDay } from "./known-values.ts";
import type { Merged } from "./merge-window.ts";
import { hasSeenBefore, isSettled } from "./settled-day.ts";
import type { ReadView } from "./view.ts";

export interface Floor {
  /** What is shown is at least this, … */
  readonly value: Decimal;
  /** … and what is true at least this, as surely as the days themselves are. */
  readonly low: Decimal | undefined;
}

export type Floors = ReadonlyMap<string, Floor>;

/** What is shown of a day; undefined: nothing, as nobody covers it. */
export type ShownDay = (day: Window) =>
  | {
      readonly seen: readonly string[];
      at(group: string): { readonly estimate: Estimate };
    }
  | undefined;

export interface DaysOfRange {
  /** The days of the calendar that the range is asked on, the first and last cut to it. */
  readonly days: () => readonly Window[];
  readonly shown: ShownDay;
}

/** By group, as far as days say anything. `estimated`: those that are not known exactly are to be asked too. */
export function dayFloors(
  view: ReadView,
  index: ValueIndex,
  window: Window,
  merged: Merged,
  dims: readonly string[],
  range: DaysOfRange,
): (estimated: boolean) => Floors {
  const { reducer } = view.metric;
  const speaks = merged.days.length > 1 && saysAnything(reducer, dims);
  let known: Floors | undefined;
  let all: Floors | undefined;
  return (estimated) => {
    if (!speaks) return NO_FLOORS;
    known ??= knownFloors(view, index, window, merged, dims);
    if (!estimated) return known;
    all ??= shownFloors(view, index, merged, dims, range, known);
    return all;
  };
}

const NO_FLOORS: Floors = new Map();

/** Whether days bound a group at all: those of a list, or any other. */
function saysAnything({ atLeastDays, lists }: AnyReducer, dims: readonly string[]): boolean {
  const at = lists ? dims.indexOf(lists.path) : -1;
  const keys = at < 0 ? [null] : (lists?.keys ?? []);
  return keys.some((key) =>
    atLeastDays?.(dims, groupText(dims.map((_, i) => (i === at ? key : null)))),
  );
}

/**
 * A day says how much it has only while its stored value is what is asked of it alone, with no row at or above its
 * V in the day or its reach; and where days are added up, only with no day before it in its reach read further than
 * itself: what stands there and it has not seen may take from it what it counted.
 */
function knownFloors(
  view: ReadView,
  index: ValueIndex,
  window: Window,
  { days }: Merged,
  dims: readonly string[],
): Floors {
  const { reducer } = view.metric;
  const floors = new Map<string, Floor>();
  if (hasLost(view, days)) return floors;
  for (const day of days) {
    if (!liesIn(day.day, window) || !isSettled(reducer, day)) continue;
    const before = hasSeenBefore(view, window, day.day);
    for (const [group, value] of valuesOfDay(index, day.run, day.day) ?? []) {
      if (value === null) continue;
      const bound = reducer.atLeastDays?.(dims, group);
      if (bound === undefined || (bound === "sum" && !before)) continue;
      const known = floors.get(group)?.value;
      const least =
        known === undefined
          ? value
          : bound === "sum"
            ? addDecimal(known, value)
            : greater(known, value);
      floors.set(group, { value: least, low: least });
    }
  }
  return floors;
}

function shownFloors(
  view: ReadView,
  index: ValueIndex,
  { days: merged, lag, torn }: Merged,
  dims: readonly string[],
  range: DaysOfRange,
  known: Floors,
): Floors {
  const { reducer } = view.metric;
  const days = range.days();
  if (days.length < 2) return known;
  const floors = new Map(known);
  // Where records are lost, runs of one range have seen different ones of them.
  const lost = hasLost(view, merged);
  const byStart = new Map(merged.map((day) => [dayStart(day.day), day]));
  const add = (group: string, value: Decimal | null, low: Decimal | null): void => {
    if (value === null || reducer.atLeastDays?.(dims, group) === undefined) return;
    const floor = floors.get(group);
    const least = lost ? undefined : low;
    floors.set(group, {
      value: floor ? greater(floor.value, value) : value,
      low: larger(floor?.low ?? null, least ?? null) ?? undefined,
    });
  };
  for (const window of days) {
    const own = byStart.get(window.from);
    const whole = own && window.until === dayStart((own.day + 1) as UtcDay);
    if (whole && own.run !== undefined && !lag && torn.size === 0 && isSettled(reducer, own)) {
      for (const [group, value] of valuesOfDay(index, own.run, own.day) ?? [])
        add(group, value, value);
      continue;
    }
    const day = range.shown(window);
    for (const group of day?.seen ?? []) {
      const { value, low } = day!.at(group).estimate;
      add(group, value, low);
    }
  }
  return floors;
}

/** `seen`, and groups that only days know to have something, the largest first, up to `limit` in all. */
export function seenInDays(
  seen: readonly string[],
  floors: Floors,
  limit: number,
): readonly string[] {
  if (floors.size === 0) return seen;
  const known = new Set(seen);
  const more = [...floors]
    .filter(([group, { value }]) => value.units > 0n && group !== OTHER_GROUP && !known.has(group))
    .sort((a, b) => compareDecimal(b[1].value, a[1].value) || byText(a[0], b[0]));
  const room = Math.max(0, limit - seen.length);
  return [...seen, ...more.slice(0, room).map(([group]) => group)];
}

const greater = (a: Decimal, b: Decimal): Decimal => (compareDecimal(a, b) >= 0 ? a : b);

const hasLost = ({ days: entries }: ReadView, days: Merged["days"]): boolean =>
  days.some(({ day }) => entries.get(day)?.lost !== undefined);

const liesIn = (day: UtcDay, { from, until }: Window): boolean =>
  dayStart(day) >= from && dayStart((day + 1) as UtcDay) <= until;
