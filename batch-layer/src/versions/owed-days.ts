// Days that a backfill owes: those with events below the cut that activated a metric. Speed counts it from that
// cut on only, so that nobody but a run knows them; open days are no exception.
import {
  type Clock,
  type CutRow,
  type DayRow,
  dayKey,
  dayOf,
  type Fingerprint,
  type ManifestEntry,
  type Metric,
  type UtcDay,
  type ViewStore,
} from "@tandem/shared-logic";
import { readLedger } from "../ledger.ts";

type Manifest = readonly (readonly ManifestEntry[])[];
type Cuts = Pick<CutRow, "activatedAt" | "retired">;

/** None where the metric is active from genesis, not active yet, or retired. */
export function owedDays(
  manifest: Manifest,
  { activatedAt, retired }: Cuts,
  fp: Fingerprint,
): Set<UtcDay> {
  const seq = activatedAt[fp] ?? 0;
  const days = new Set<UtcDay>();
  if (seq === 0 || retired.includes(fp)) return days;
  for (const entries of manifest) {
    for (const e of entries) {
      if (!liesBelow(e, seq)) continue;
      for (const day of Object.keys(e.days)) days.add(Number(day) as UtcDay);
    }
  }
  return days;
}

/** Whether a day is among them, without listing all. */
export const owesDay = (manifest: Manifest, cuts: Cuts, fp: Fingerprint, day: UtcDay): boolean => {
  const seq = cuts.activatedAt[fp] ?? 0;
  if (seq === 0 || cuts.retired.includes(fp)) return false;
  return manifest.some((entries) =>
    entries.some((e) => e.days[day] !== undefined && liesBelow(e, seq)),
  );
};

/** An object ends with an effective cut, so that it lies on one side of it. */
const liesBelow = (e: ManifestEntry, seq: number): boolean => e.seq < seq || e.cut?.seq === seq;

/** True where a backfill that was cut short has left out a day that is still open. */
export async function owesOpenDays(
  { views, clock }: { readonly views: Pick<ViewStore, "ledger">; readonly clock: Clock },
  dataset: string,
  metrics: readonly Metric[],
  manifest: Manifest,
  cutRow: Cuts,
): Promise<boolean> {
  const today = dayOf(clock.now());
  for (const { fingerprint } of metrics) {
    for (const day of owedDays(manifest, cutRow, fingerprint)) {
      if (day < today) continue;
      const { value } = await readLedger<DayRow>(views, dayKey(dataset, day));
      if (!value?.entries[fingerprint]) return true;
    }
  }
  return false;
}
