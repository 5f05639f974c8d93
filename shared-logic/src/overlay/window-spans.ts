// Windows of whole cells, in order, put together so that each span of them reads blocks that no other one reads: the
// minutes of an hour, one hour, the hours of a day. What one span reads says nothing of the others.
import type { Window } from "../time/calendar.ts";
import { dayOf, type EpochMs, type UtcDay } from "../time/epoch-ms.ts";

/** The windows [first, last), all of one day. */
export interface WindowSpan {
  readonly day: UtcDay;
  readonly first: number;
  readonly last: number;
  /** Its blocks begin in [fromMs, untilMs). */
  readonly fromMs: EpochMs;
  readonly untilMs: EpochMs;
}

/** Undefined where a window cuts a cell, lies in two days or begins before the last one ends. */
export function windowSpans(
  windows: readonly Window[],
  cellMs: number,
  blockMs: number,
): WindowSpan[] | undefined {
  const spans: { day: UtcDay; first: number; last: number; fromMs: EpochMs; untilMs: EpochMs }[] =
    [];
  let open: (typeof spans)[number] | undefined;
  let before = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < windows.length; i++) {
    const { from, until } = windows[i]!;
    if (from < before || until <= from || !Number.isInteger(until / cellMs)) return undefined;
    if (from !== before && !Number.isInteger(from / cellMs)) return undefined;
    before = until;
    if (open === undefined || from >= open.untilMs) {
      const fromMs = (Math.floor(from / blockMs) * blockMs) as EpochMs;
      open = { day: dayOf(from), first: i, last: i, fromMs, untilMs: fromMs };
      spans.push(open);
    }
    open.last = i + 1;
    if (until <= open.untilMs) continue;
    if (dayOf((until - 1) as EpochMs) !== open.day) return undefined;
    open.untilMs = (Math.ceil(until / blockMs) * blockMs) as EpochMs;
  }
  return spans;
}
