// The windows of a range: whole windows of the grain on the zone's wall clock, the first and last cut to
// the range. They are in order, do not overlap, are never empty and make up the range. A day of a clock
// change has 23 or 25 hours, a day that a zone left out has no window.
import {
  type EpochMs,
  GRAIN_MS,
  type Grain,
  type Window,
  windowEnd,
  windowStart,
} from "@tandem/shared-logic";
import { momentOf, type TimeZone } from "./time-zone.ts";

/** Of more than `most` windows, the first `most` + 1. */
export function windowsOf(
  from: EpochMs,
  until: EpochMs,
  grain: Grain,
  zone: TimeZone,
  most = Number.POSITIVE_INFINITY,
): Window[] {
  if (from >= until) return [];
  if (grain === "total") return [{ from, until }];
  if (grain === "minute" || grain === "hour")
    return steps(from, until, GRAIN_MS[grain], zone, most);
  const windows: Window[] = [];
  let at = from;
  let wall = windowStart((from + zone.offsetMs(from)) as EpochMs, grain);
  while (at < until && windows.length <= most) {
    wall = windowEnd(wall, grain);
    const end = Math.min(momentOf(zone, wall), until) as EpochMs;
    if (end <= at) continue;
    windows.push({ from: at, until: end });
    at = end;
  }
  return windows;
}

/** Hours and minutes run on through a clock change; only the clock's own ends are their ends. */
function steps(
  from: EpochMs,
  until: EpochMs,
  sizeMs: number,
  zone: TimeZone,
  most: number,
): Window[] {
  const windows: Window[] = [];
  const utc = zone.name === "UTC";
  for (let at = from; at < until && windows.length <= most; ) {
    const whole = utc && at !== from;
    const end = Math.min(whole ? at + sizeMs : endOfStep(at, sizeMs, zone), until) as EpochMs;
    windows.push({ from: at, until: end });
    at = end;
  }
  return windows;
}

function endOfStep(at: number, sizeMs: number, zone: TimeZone): number {
  const wall = at + zone.offsetMs(at as EpochMs);
  return at + sizeMs - (((wall % sizeMs) + sizeMs) % sizeMs);
}
