// Grains and the half-open windows they cut time into, in UTC. Civil dates follow Howard Hinnant,
// "chrono-Compatible Low-Level Date Algorithms" (days_from_civil and its inverse).
import { DAY_MS, type EpochMs, HOUR_MS, MINUTE_MS, type UtcDay } from "./epoch-ms.ts";

/** Grains whose cells are stored, finest first. */
export const STORED_GRAINS = ["minute", "hour", "day"] as const;
export type StoredGrain = (typeof STORED_GRAINS)[number];
/** Grains kept as rows made of days. A week starts on Monday (ISO 8601). */
export const SPAN_GRAINS = ["week", "month"] as const;
export type SpanGrain = (typeof SPAN_GRAINS)[number];
export type Grain = StoredGrain | SpanGrain | "total";

/** A half-open range of time: `from` belongs to it, `until` does not. */
export interface Window {
  readonly from: EpochMs;
  readonly until: EpochMs;
}

export const GRAIN_MS: Readonly<Record<StoredGrain, number>> = {
  minute: MINUTE_MS,
  hour: HOUR_MS,
  day: DAY_MS,
};

export interface CivilDate {
  readonly year: number;
  /** 1 to 12. */
  readonly month: number;
  /** 1 to 31. */
  readonly day: number;
}

export function daysFromCivil(year: number, month: number, day: number): UtcDay {
  const y = month <= 2 ? year - 1 : year;
  const era = Math.floor(y / 400);
  const yearOfEra = y - era * 400;
  const dayOfYear = Math.floor((153 * (month + (month > 2 ? -3 : 9)) + 2) / 5) + day - 1;
  const dayOfEra =
    yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear;
  return (era * 146_097 + dayOfEra - 719_468) as UtcDay;
}

export function civilFromDays(days: UtcDay): CivilDate {
  const z = days + 719_468;
  const era = Math.floor(z / 146_097);
  const dayOfEra = z - era * 146_097;
  const yearOfEra = Math.floor(
    (dayOfEra -
      Math.floor(dayOfEra / 1460) +
      Math.floor(dayOfEra / 36_524) -
      Math.floor(dayOfEra / 146_096)) /
      365,
  );
  const dayOfYear =
    dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const mp = Math.floor((5 * dayOfYear + 2) / 153);
  const month = mp < 10 ? mp + 3 : mp - 9;
  const year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0);
  return { year, month, day: dayOfYear - Math.floor((153 * mp + 2) / 5) + 1 };
}

/** The start of the UTC window of `grain` that `at` lies in. */
export function windowStart(at: EpochMs, grain: StoredGrain | SpanGrain): EpochMs {
  if (grain === "week") {
    const day = Math.floor(at / DAY_MS);
    return ((day - ((((day + 3) % 7) + 7) % 7)) * DAY_MS) as EpochMs;
  }
  if (grain === "month") {
    const { year, month } = civilFromDays(Math.floor(at / DAY_MS) as UtcDay);
    return (daysFromCivil(year, month, 1) * DAY_MS) as EpochMs;
  }
  const size = GRAIN_MS[grain];
  return (Math.floor(at / size) * size) as EpochMs;
}

/** The exclusive end of the window of `grain` that starts at `start`. */
export function windowEnd(start: EpochMs, grain: StoredGrain | SpanGrain): EpochMs {
  if (grain === "week") return (start + 7 * DAY_MS) as EpochMs;
  if (grain === "month") {
    const { year, month } = civilFromDays(Math.floor(start / DAY_MS) as UtcDay);
    const next = month === 12 ? daysFromCivil(year + 1, 1, 1) : daysFromCivil(year, month + 1, 1);
    return (next * DAY_MS) as EpochMs;
  }
  return (start + GRAIN_MS[grain]) as EpochMs;
}
