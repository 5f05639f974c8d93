// What an answer says of its windows together, of one pass over them: there may be thousands, and each is a way
// through memory.
import { dayStart, type EpochMs, type UtcDay, type WindowPoints } from "@tandem/shared-logic";

export interface MissingSpan {
  readonly from: EpochMs;
  readonly until: EpochMs;
  readonly why: string;
}

export interface WindowSums {
  /** Events above the runs of days that have ended. */
  readonly pending: number;
  readonly suspected: number;
  readonly unchecked: number;
  readonly skipped: number;
  readonly capped: boolean;
  readonly lag: boolean;
  /** Partitions that were read above their position. */
  readonly torn: ReadonlySet<number>;
  /** Neighbours that lack the same for the same reason are one. */
  readonly missing: readonly MissingSpan[];
}

export function sumUp(windows: readonly WindowPoints[], now: EpochMs): WindowSums {
  const isClosed = (day: UtcDay): boolean => dayStart((day + 1) as UtcDay) <= now;
  const sums = { pending: 0, suspected: 0, unchecked: 0, skipped: 0, capped: false, lag: false };
  const torn = new Set<number>();
  const missing: { from: EpochMs; until: EpochMs; why: string }[] = [];
  for (const w of windows) {
    sums.suspected += w.suspected;
    sums.unchecked += w.unchecked;
    sums.skipped += w.skipped;
    sums.capped ||= w.capped;
    sums.lag ||= w.lag;
    if (w.aboveRuns.size > 0)
      for (const [day, events] of w.aboveRuns) if (isClosed(day)) sums.pending += events;
    if (w.torn.size > 0) for (const partition of w.torn) torn.add(partition);
    if (w.missing !== undefined) {
      const last = missing.at(-1);
      if (last && last.until === w.window.from && last.why === w.missing)
        last.until = w.window.until;
      else missing.push({ ...w.window, why: w.missing });
    }
  }
  return { ...sums, torn, missing };
}
