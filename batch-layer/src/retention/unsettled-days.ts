// Days whose runs are still to be made or made anew, by metric: without a run, pinned, or with records above the
// run's offsets. What they need of the archive stays, whatever its age. Pure.
import type { Metric, UtcDay } from "@tandem/shared-logic";
import { reachDays } from "../reach-days.ts";
import type { RetentionFacts } from "./retention-facts.ts";

export interface Unsettled {
  readonly days: ReadonlyMap<Metric, ReadonlySet<UtcDay>>;
  /** A metric is active whose file is not here: nobody can tell what its days need. */
  readonly blind: boolean;
}

type Facts = Pick<RetentionFacts, "metrics" | "days" | "archive" | "cutRow">;

export function unsettledDays({ metrics, days, archive, cutRow }: Facts): Unsettled {
  const known = new Set(metrics.map((m) => m.fingerprint));
  const retired = new Set(cutRow.retired);
  const blind = Object.keys(cutRow.activatedAt).some(
    (fp) => !known.has(fp as Metric["fingerprint"]) && !retired.has(fp as Metric["fingerprint"]),
  );
  const found = new Map<Metric, Set<UtcDay>>();
  const span = eventDays(archive.manifest);
  for (const metric of metrics) {
    const own = new Set<UtcDay>();
    found.set(metric, own);
    if (!span || retired.has(metric.fingerprint)) continue;
    const { back, ahead } = reachDays(metric);
    for (let day = span.first; day <= span.last; day++) {
      const entry = days.get(day as UtcDay)?.entries[metric.fingerprint];
      if (!entry || entry.pinned) own.add(day as UtcDay);
    }
    for (const [p, entries] of archive.manifest.entries()) {
      for (const e of entries) {
        for (const text of Object.keys(e.days)) {
          const x = Number(text);
          // A window of day y reaches x where x lies in [y - back, y + ahead].
          for (let y = x - ahead; y <= x + back; y++) {
            const v = days.get(y as UtcDay)?.entries[metric.fingerprint]?.v[p];
            if (v !== undefined && e.to > v) own.add(y as UtcDay);
          }
        }
      }
    }
  }
  return { days: found, blind };
}

/** The first and the last day of which the archive has or had events. */
function eventDays(manifest: Facts["archive"]["manifest"]) {
  let [first, last] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const entries of manifest)
    for (const e of entries)
      for (const day of Object.keys({ ...e.days, ...e.lost?.days })) {
        first = Math.min(first, Number(day));
        last = Math.max(last, Number(day));
      }
  return first <= last ? { first, last } : undefined;
}

export const isUnsettled = ({ days }: Unsettled, day: UtcDay, metric?: Metric): boolean =>
  metric ? (days.get(metric)?.has(day) ?? false) : [...days.values()].some((own) => own.has(day));
