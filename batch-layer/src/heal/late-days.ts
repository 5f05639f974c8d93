// Closed days that have runs and, above the runs' V, records in the archive that change them: which these are,
// how wrong they are, and when their heal is due. Pure: from manifest, ledger and the time.
import {
  type CutRow,
  DAY_MS,
  type DayRow,
  dayStart,
  type EpochMs,
  HOUR_MS,
  type Metric,
  MINUTE_MS,
  newestCut,
  type UtcDay,
} from "@tandem/shared-logic";
import { type Archive, planDays } from "../plan.ts";
import { reachDays } from "../reach-days.ts";

export interface LateDay {
  readonly day: UtcDay;
  /** Events of the day, or of what its windows reach into, above the runs' V. */
  readonly pending: number;
  /** Those of them that came within the time in which heals are automatic. */
  readonly inTime: number;
  /** Events of the day in the archive, the pending ones too. */
  readonly events: number;
  /** Received times of the objects that hold pending events: the first and the last. */
  readonly firstMs: EpochMs;
  readonly lastMs: EpochMs;
}

export interface LateFacts {
  readonly archive: Archive;
  readonly cutRow: CutRow;
  readonly days: ReadonlyMap<UtcDay, DayRow>;
  readonly metrics: readonly Metric[];
  /** Days from it on are open. */
  readonly today: UtcDay;
}

export interface HealTimes {
  /** How late an event may be and still be healed by itself. */
  readonly lateMs: number;
  /** After that, before the final heal of a day: time for the archive to close its object. */
  readonly finalMs: number;
  /** A heal waits until so long nothing came for its day … */
  readonly quietMs: number;
  /** … but no longer than this. */
  readonly waitMs: number;
}

export const HEAL_TIMES: HealTimes = {
  lateMs: 72 * HOUR_MS,
  finalMs: HOUR_MS,
  quietMs: 10 * MINUTE_MS,
  waitMs: 6 * HOUR_MS,
};

export function lateDays(facts: LateFacts, times: HealTimes = HEAL_TIMES): LateDay[] {
  const { archive, cutRow, days, metrics, today } = facts;
  // What the archive holds already, whether a cut closed it or not.
  const v = archive.manifest.map((entries, p) => entries.at(-1)?.to ?? archive.genesis[p] ?? 0);
  const cut = { seq: newestCut(archive.manifest)?.seq ?? 0, v };
  const planned = planDays({ archive, cut, cutRow, days, metrics, today, includeOpen: false });
  return planned.flatMap(({ day, metrics: stale }) => {
    const row = days.get(day);
    const sealed = stale.filter((m) => row?.entries[m.fingerprint]);
    const late = row && sealed.length > 0 ? lateDay(archive, row, sealed, day, times) : undefined;
    return late ? [late] : [];
  });
}

function lateDay(
  archive: Archive,
  row: DayRow,
  metrics: readonly Metric[],
  day: UtcDay,
  times: HealTimes,
): LateDay | undefined {
  const back = Math.max(...metrics.map((m) => reachDays(m).back));
  const ahead = Math.max(...metrics.map((m) => reachDays(m).ahead));
  const deadline = dayStart((day + 1) as UtcDay) + times.lateMs + times.finalMs;
  let [pending, inTime, events] = [0, 0, 0];
  let [firstMs, lastMs] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const [p, entries] of archive.manifest.entries()) {
    const above = Math.min(...metrics.map((m) => row.entries[m.fingerprint]?.v[p] ?? 0));
    for (const e of entries) {
      events += e.days[day] ?? 0;
      if (e.from < above || e.receivedMs === null) continue;
      let n = 0;
      for (let x = day - back; x <= day + ahead; x++) n += e.days[x] ?? 0;
      if (n === 0) continue;
      pending += n;
      if (e.receivedMs <= deadline) inTime += n;
      firstMs = Math.min(firstMs, e.receivedMs);
      lastMs = Math.max(lastMs, e.receivedMs);
    }
  }
  if (pending === 0) return undefined;
  return { day, pending, inTime, events, firstMs: firstMs as EpochMs, lastMs: lastMs as EpochMs };
}

/** When a day's heal is due; undefined where it heals on demand alone. */
export function dueAt(late: LateDay, times: HealTimes = HEAL_TIMES): EpochMs | undefined {
  if (late.inTime === 0) return undefined;
  const finalMs = dayStart(late.day) + DAY_MS + times.lateMs + times.finalMs;
  const quiet = Math.min(late.lastMs + times.quietMs, late.firstMs + times.waitMs);
  return Math.min(quiet, finalMs) as EpochMs;
}

/** How wrong the day's numbers are, as a share of it, times how often they are asked for. */
export const priorityOf = (late: LateDay, asked: number): number =>
  (late.pending / Math.max(1, late.events)) * (1 + asked);
