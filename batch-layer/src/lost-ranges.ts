// What batch can never read again, from the manifest's entries that say so. A run that is computed without lost
// records names them, and its answers do; a run that was computed before they were lost is whole, and is never
// replaced by one that is not: what comes late lies above it in the speed layer.
import {
  type DayEntry,
  DOWNSAMPLED,
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

const GIVEN_UP: Readonly<Record<string, Pick<LostRange, "expired" | "sampled">>> = {
  [EXPIRED]: { expired: true },
  [DOWNSAMPLED]: { expired: true, sampled: true },
};

/** Lost ranges below V that may have held events of the day or its reach. */
export function lostRanges(
  { manifest }: Manifests,
  v: readonly number[],
  metric: Metric,
  day: UtcDay,
): LostRange[] {
  const { back, ahead } = reachDays(metric);
  const within = (x: string): boolean => Number(x) >= day - back && Number(x) <= day + ahead;
  const ranges: LostRange[] = [];
  for (const [partition, entries] of manifest.entries()) {
    let sent: ReadonlySet<string> | undefined;
    for (const { from, to, lost } of entries) {
      if (!lost || to > (v[partition] ?? 0)) continue;
      const expired = GIVEN_UP[lost.why];
      if (lost.days === null) ranges.push({ partition, from, to, days: null, ...expired });
      else {
        const touched = Object.entries(lost.days).filter(([x]) => within(x));
        if (touched.length === 0 && lost.sentDays) {
          // First copies of the day's events may be gone with it.
          sent ??= sentDaysOf(entries, within);
          if (Object.keys(lost.sentDays).some((x) => sent?.has(x))) touched.push([`${day}`, 0]);
        }
        if (touched.length > 0)
          ranges.push({ partition, from, to, days: Object.fromEntries(touched), ...expired });
      }
    }
  }
  return ranges;
}

/** Days as sent of whatever is or was beside events of the days. */
function sentDaysOf(
  entries: readonly ManifestEntry[],
  within: (day: string) => boolean,
): ReadonlySet<string> {
  const sent = new Set<string>();
  for (const { days, sentDays, lost } of entries)
    if (Object.keys(lost?.days ?? days).some(within))
      for (const day of Object.keys(lost?.sentDays ?? sentDays)) sent.add(day);
  return sent;
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

/** Why no run of the day can be made of all its events any more. */
export interface Incomplete {
  readonly metric: string;
  readonly why: "downsampled" | "expired" | "lost";
  /** The day's run has them and stays; false: a run is, or will be, without them and says so. */
  readonly kept: boolean;
}

/** Undefined where the archive below V has all that a run of the day reads. */
export function incompleteRun(
  archive: Manifests,
  v: readonly number[],
  metric: Metric,
  day: UtcDay,
  entry: DayEntry | undefined,
): Incomplete | undefined {
  const lost = lostRanges(archive, v, metric, day);
  if (lost.length === 0) return undefined;
  const why = lost.some((r) => r.sampled)
    ? "downsampled"
    : lost.some((r) => r.expired)
      ? "expired"
      : "lost";
  const kept = entry !== undefined && wouldLose(archive, entry, metric, day);
  return { metric: metric.name, why, kept };
}
