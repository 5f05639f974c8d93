// Coverage is a fact about a partition. For one day's V and one day x of window ± reach, batch covers
// [0, V) and speed [from, until): from the highest of V, the metric's start and what was dropped of x, to
// the position, or to V where the position lies below it (lag). All bounds exclusive at the end; the one
// place where they are compared is here.
import type { DayEntry } from "../ports/ledger-rows.ts";
import type { UtcDay } from "../time/epoch-ms.ts";
import type { ReadView } from "./view.ts";

export interface Coverage {
  readonly partition: number;
  readonly v: number;
  /** Segments from here on are added. */
  readonly from: number;
  /** Exclusive; at least V. */
  readonly until: number;
  /** The position lies below V. */
  readonly lag: boolean;
  /** Why [V, from) is covered by nobody; undefined where it is empty. */
  readonly missing: string | undefined;
}

/** V of a day: its run's, or genesis. */
export const offsetsOf = (view: ReadView, day: UtcDay): readonly number[] =>
  view.days.get(day)?.v ?? view.genesis;

export function coverageOf(view: ReadView, day: UtcDay, x: UtcDay): Coverage[] {
  const offsets = offsetsOf(view, day);
  const entry = view.only === "speed" ? undefined : view.days.get(day);
  return view.genesis.map((_, partition) => {
    const v = offsets[partition] ?? 0;
    const lost = lostReason(entry, x, partition);
    if (view.only === "batch") {
      const missing = entry ? lost : "no run covers the day";
      return { partition, v, from: Number.POSITIVE_INFINITY, until: v, lag: false, missing };
    }
    const start = view.starts[partition] ?? Number.POSITIVE_INFINITY;
    const gone = view.dropped.get(x)?.[partition] ?? 0;
    const from = Math.max(v, start, gone);
    const position = view.positions[partition]?.to ?? 0;
    let until = Math.max(v, position);
    if (from > until) until = v;
    return {
      partition,
      v,
      from,
      until,
      lag: position < v,
      missing: lost ?? (from > v ? reason(v, start, gone) : undefined),
    };
  });
}

/** Why the run lacks events of day x that nobody can bring back. */
function lostReason(entry: DayEntry | undefined, x: UtcDay, partition: number): string | undefined {
  const range = entry?.lost?.find(
    (l) => l.partition === partition && (l.days === null || l.days[x] !== undefined),
  );
  if (!range) return undefined;
  const count = range.days === null ? "an unknown number of" : range.days[x];
  const events = count === 0 ? "copies of" : count;
  if (range.sampled)
    return `${events} events of offsets ${range.from} to ${range.to} of partition ${partition} were downsampled by retention before this run`;
  if (range.expired)
    return `${events} events of offsets ${range.from} to ${range.to} of partition ${partition} are no longer kept: retention gave them up before this run`;
  return `${events} events were lost with offsets ${range.from} to ${range.to} of partition ${partition}, which neither archive nor log has any more`;
}

function reason(v: number, start: number, gone: number): string {
  if (gone > v && gone >= start)
    return `speed rows below offset ${gone} were dropped and no run covers them`;
  if (start === Number.POSITIVE_INFINITY)
    return "the metric is not folded yet and no run covers the day";
  return `the metric is folded from offset ${start} on and no run covers what lies before`;
}

/** True where a row of a used segment lies above its position: a flush is under way or was cut short. */
export function flushUnderWay(view: ReadView): boolean {
  // Mostly none lies above, and looking at each takes longer than what is made of those that changed.
  if (view.reached?.every((to, p) => to <= (view.positions[p]?.to ?? 0))) return false;
  const lowest = view.genesis.map((g, p) => {
    let v = Number.POSITIVE_INFINITY;
    for (const entry of view.days.values()) v = Math.min(v, entry?.v[p] ?? g);
    return v;
  });
  return view.speed.some(
    (row) =>
      row.to > (view.positions[row.partition]?.to ?? 0) &&
      row.segment >= (lowest[row.partition] ?? 0),
  );
}

/** Days whose run lies below something dropped of its window ± reach: the ledger must be read again. */
export function daysLost(view: ReadView): UtcDay[] {
  const { beforeMs, afterMs } = view.metric.reducer.reach;
  const [back, ahead] = [Math.ceil(beforeMs / 86_400_000), Math.ceil(afterMs / 86_400_000)];
  return [...view.days.keys()].filter((day) => {
    const offsets = offsetsOf(view, day);
    for (let x = day - back; x <= day + ahead; x++) {
      const gone = view.dropped.get(x as UtcDay);
      if (gone?.some((g, p) => g > (offsets[p] ?? 0))) return true;
    }
    return false;
  });
}
