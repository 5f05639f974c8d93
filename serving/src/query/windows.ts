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

export function* windowsOf(
  from: EpochMs,
  until: EpochMs,
  grain: Grain,
  zone: TimeZone,
): Generator<Window> {
  if (from >= until) return;
  if (grain === "total") yield { from, until };
  else if (grain === "minute" || grain === "hour") yield* steps(from, until, GRAIN_MS[grain], zone);
  else {
    let at = from;
    let wall = windowStart((from + zone.offsetMs(from)) as EpochMs, grain);
    while (at < until) {
      wall = windowEnd(wall, grain);
      const end = Math.min(momentOf(zone, wall), until) as EpochMs;
      if (end <= at) continue;
      yield { from: at, until: end };
      at = end;
    }
  }
}

/** Hours and minutes run on through a clock change; only the clock's own ends are their ends. */
function* steps(from: EpochMs, until: EpochMs, sizeMs: number, zone: TimeZone): Generator<Window> {
  for (let at = from; at < until; ) {
    const wall = at + zone.offsetMs(at);
    const end = Math.min(at + sizeMs - (((wall % sizeMs) + sizeMs) % sizeMs), until) as EpochMs;
    yield { from: at, until: end };
    at = end;
  }
}
