// Which days of which metrics need a run, from the manifest and the ledger alone. Pure. A published run
// stands as long as no record of its day ± reach lies between its V and the newest cut; duplicates count
// as records, which errs to recomputing.
import type {
  CutRow,
  DayRow,
  Fingerprint,
  ManifestEntry,
  Metric,
  UtcDay,
} from "@tandem/shared-logic";
import { wouldLose } from "./lost-ranges.ts";
import { reachDays } from "./reach-days.ts";
import { owesDay } from "./versions/owed-days.ts";

export interface Archive {
  readonly genesis: readonly number[];
  /** By partition, tiling, in offset order. */
  readonly manifest: readonly (readonly ManifestEntry[])[];
}

/** A cut that the archive has reached in every partition. */
export interface ReachedCut {
  readonly seq: number;
  readonly v: readonly number[];
}

export interface PlanRequest {
  readonly archive: Archive;
  readonly cut: ReachedCut;
  readonly cutRow: CutRow;
  readonly days: ReadonlyMap<UtcDay, DayRow>;
  readonly metrics: readonly Metric[];
  /** Days on or after it are open: sealed only if `includeOpen`, or where a backfill owes them. */
  readonly today: UtcDay;
  readonly includeOpen: boolean;
  /** Half-open range of days asked for; absent: all with data, and empty days between them. */
  readonly from?: UtcDay;
  readonly until?: UtcDay;
}

export interface PlannedDay {
  readonly day: UtcDay;
  readonly metrics: readonly Metric[];
}

/** First and last day with events below `v`; undefined where there are none. */
export function dataDays(
  archive: Archive,
  v: readonly number[],
): { first: UtcDay; last: UtcDay } | undefined {
  let [first, last] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  archive.manifest.forEach((entries, p) => {
    for (const e of entries) {
      if (e.to > (v[p] ?? 0)) continue;
      for (const day of Object.keys(e.days)) {
        first = Math.min(first, Number(day));
        last = Math.max(last, Number(day));
      }
    }
  });
  return first <= last ? { first: first as UtcDay, last: last as UtcDay } : undefined;
}

export function planDays(request: PlanRequest): PlannedDay[] {
  const { archive, cut, today, includeOpen } = request;
  const data = dataDays(archive, cut.v);
  if (!data) return [];
  const from = Math.max(request.from ?? data.first, data.first);
  const until = Math.min(request.until ?? data.last + 1, data.last + 1);
  const planned: PlannedDay[] = [];
  for (let day = from; day < until; day++) {
    const isClosed = includeOpen || day < today;
    const metrics = request.metrics.filter(
      (m) =>
        (isClosed || isOwed(request, m.fingerprint, day as UtcDay)) &&
        needsRun(request, m, day as UtcDay),
    );
    if (metrics.length > 0) planned.push({ day: day as UtcDay, metrics });
  }
  return planned;
}

/** Until the metric has its first run of the day. */
const isOwed = ({ archive, cutRow, days }: PlanRequest, fp: Fingerprint, day: UtcDay): boolean =>
  !days.get(day)?.entries[fp] && owesDay(archive.manifest, cutRow, fp, day);

function needsRun(request: PlanRequest, metric: Metric, day: UtcDay): boolean {
  const { cut, cutRow } = request;
  const fp: Fingerprint = metric.fingerprint;
  const activated = cutRow.activatedAt[fp];
  if (activated === undefined || cut.seq < activated || cutRow.retired.includes(fp)) return false;
  const entry = request.days.get(day)?.entries[fp];
  if (!entry) return true;
  if (entry.pinned || !entry.v.every((v, p) => (cut.v[p] ?? 0) >= v)) return false;
  if (wouldLose(request.archive, entry, metric, day)) return false;
  const { back, ahead } = reachDays(metric);
  return request.archive.manifest.some((entries, p) =>
    entries.some((e) => {
      if (e.to <= (entry.v[p] ?? 0) || e.from >= (cut.v[p] ?? 0)) return false;
      for (let x = day - back; x <= day + ahead; x++) if (e.days[x]) return true;
      return false;
    }),
  );
}
