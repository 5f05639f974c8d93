// What batch can never read again, from the manifest's entries that say so. A run that is computed without lost
// records names them, and its answers do; a run that was computed before they were lost is whole, and is never
// replaced by one that is not: what comes late lies above it in the speed layer.
import {
  type DayEntry,
  EXPIRED,
  type LostRange,
  type ManifestEntry,
  type Metric,
  type UtcDay,
} from "@tandem/shared-logic";
import { reachDays } from "./reach-days.ts";

interface Manifests {
  /** By partition. */
  readonly manifest: readonly (readonly ManifestEntry[])[];
}

/** Lost ranges below V that may have held events of the day or its reach. */
export function lostRanges(
  { manifest }: Manifests,
  v: readonly number[],
  metric: Metric,
  day: UtcDay,
): LostRange[] {
  const { back, ahead } = reachDays(metric);
  const ranges: LostRange[] = [];
  for (const [partition, entries] of manifest.entries()) {
    for (const { from, to, lost } of entries) {
      if (!lost || to > (v[partition] ?? 0)) continue;
      const expired = lost.why === EXPIRED ? { expired: true as const } : {};
      if (lost.days === null) ranges.push({ partition, from, to, days: null, ...expired });
      else {
        const touched = Object.entries(lost.days).filter(
          ([x]) => Number(x) >= day - back && Number(x) <= day + ahead,
        );
        if (touched.length > 0)
          ranges.push({ partition, from, to, days: Object.fromEntries(touched), ...expired });
      }
    }
  }
  return ranges;
}

/** As a part of a run's reference: absent where nothing was lost. */
export function withoutLost(
  archive: Manifests,
  v: readonly number[],
  metric: Metric,
  day: UtcDay,
): { readonly lost?: readonly LostRange[] } {
  const lost = lostRanges(archive, v, metric, day);
  return lost.length > 0 ? { lost } : {};
}

/** True where the day's run has events in it that a rerun could not read any more. */
export function wouldLose(
  archive: Manifests,
  entry: DayEntry,
  metric: Metric,
  day: UtcDay,
): boolean {
  const known = (r: LostRange): boolean =>
    entry.lost?.some((l) => l.partition === r.partition && l.from === r.from) ?? false;
  return lostRanges(archive, entry.v, metric, day).some((range) => !known(range));
}
