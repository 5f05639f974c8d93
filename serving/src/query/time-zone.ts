// Wall clocks of time zones, from the runtime's own zone data. A wall time is written as the milliseconds
// that a UTC clock showing the same would have.
import { DAY_MS, daysFromCivil, type EpochMs } from "@tandem/shared-logic";
import { Lru } from "../lru.ts";

export interface TimeZone {
  readonly name: string;
  /** What the zone's clock is ahead of UTC at a moment. */
  offsetMs(at: number): number;
}

const UTC: TimeZone = { name: "UTC", offsetMs: () => 0 };
const known = new Lru<TimeZone>(64);

/** Undefined where the runtime knows no such zone. */
export function timeZone(name: string): TimeZone | undefined {
  if (name === "UTC") return UTC;
  const cached = known.get(name);
  if (cached) return cached;
  let format: Intl.DateTimeFormat;
  try {
    format = new Intl.DateTimeFormat("en-US", {
      timeZone: name,
      hourCycle: "h23",
      year: "numeric",
      month: "numeric",
      day: "numeric",
      hour: "numeric",
      minute: "numeric",
      second: "numeric",
    });
  } catch {
    return undefined;
  }
  const zone: TimeZone = {
    name: format.resolvedOptions().timeZone,
    offsetMs: (at) => wallOf(format, at) - Math.floor(at / 1000) * 1000,
  };
  const canonical = zone.name === "UTC" ? UTC : zone;
  known.set(name, canonical);
  return canonical;
}

function wallOf(format: Intl.DateTimeFormat, at: number): number {
  const part: Partial<Record<Intl.DateTimeFormatPartTypes, number>> = {};
  for (const { type, value } of format.formatToParts(at)) part[type] = Number(value);
  const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = part;
  return daysFromCivil(year, month, day) * DAY_MS + ((hour * 60 + minute) * 60 + second) * 1000;
}

/**
 * The first moment at which the zone's clock shows `wall` or later: of a time shown twice the first,
 * of one that a change of the clock skips the moment of the change.
 */
export function momentOf(zone: TimeZone, wall: number): EpochMs {
  const [before, after] = [zone.offsetMs(wall - DAY_MS), zone.offsetMs(wall + DAY_MS)];
  for (const offset of [before, after]) {
    if (zone.offsetMs(wall - offset) === offset) return (wall - offset) as EpochMs;
  }
  let [low, high] = [wall - Math.max(before, after), wall - Math.min(before, after)];
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (zone.offsetMs(middle) === after) high = middle;
    else low = middle;
  }
  return high as EpochMs;
}
