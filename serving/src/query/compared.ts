// The windows that a range is compared with: each boundary moved back on the zone's wall clock, so that a day
// stays a day whatever the clocks did. A range of whole months moves by months, of whole days by days, another
// one by its length. A year before is the same date (28 February for the 29th); of weeks it is 52 weeks before.
import {
  civilFromDays,
  DAY_MS,
  daysFromCivil,
  type EpochMs,
  type Grain,
  type UtcDay,
  type Window,
} from "@tandem/shared-logic";
import { momentOf, type TimeZone } from "./time-zone.ts";

export type CompareTo = "previous_period" | "previous_year";

export interface ComparedWindow extends Window {
  /** The window of the answer that it stands beside. */
  readonly beside: Window;
}

type Shift = (wall: number) => number;

export function comparedWindows(
  windows: readonly Window[],
  to: CompareTo,
  grain: Grain,
  zone: TimeZone,
): ComparedWindow[] {
  const [first, last] = [windows[0], windows.at(-1)];
  if (!first || !last) return [];
  const wallOf = (at: EpochMs): number => at + zone.offsetMs(at);
  const [from, until] = [wallOf(first.from), wallOf(last.until)];
  const shift = to === "previous_year" ? aYear(grain) : aPeriod(from, until);
  const moved = (at: EpochMs): EpochMs =>
    shift === undefined
      ? ((at - (last.until - first.from)) as EpochMs)
      : momentOf(zone, shift(wallOf(at)));
  const out: ComparedWindow[] = [];
  for (const beside of windows) {
    const [start, end] = [moved(beside.from), moved(beside.until)];
    // An hour that the clock left out then has nothing beside it.
    const begun = Math.max(start, out.at(-1)?.until ?? start) as EpochMs;
    if (begun < end) out.push({ from: begun, until: end, beside });
  }
  return out;
}

const aYear =
  (grain: Grain): Shift =>
  (wall) =>
    grain === "week" ? wall - 364 * DAY_MS : byMonths(wall, 12);

/** Undefined: by the length of the range. */
function aPeriod(from: number, until: number): Shift | undefined {
  if (from % DAY_MS !== 0 || until % DAY_MS !== 0) return undefined;
  const [a, b] = [from, until].map((w) => civilFromDays((w / DAY_MS) as UtcDay));
  if (a?.day === 1 && b?.day === 1) {
    const months = (b.year - a.year) * 12 + b.month - a.month;
    return (wall) => byMonths(wall, months);
  }
  return (wall) => wall - (until - from);
}

function byMonths(wall: number, months: number): number {
  const day = Math.floor(wall / DAY_MS);
  const { year, month, day: of } = civilFromDays(day as UtcDay);
  const index = year * 12 + (month - 1) - months;
  const [y, m] = [Math.floor(index / 12), (((index % 12) + 12) % 12) + 1];
  const [start, next] = [
    daysFromCivil(y, m, 1),
    daysFromCivil(m === 12 ? y + 1 : y, m === 12 ? 1 : m + 1, 1),
  ];
  return Math.min(start + of - 1, next - 1) * DAY_MS + (wall - day * DAY_MS);
}
