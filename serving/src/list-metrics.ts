// The catalogue as it stands now: each metric by the version that answers to its name, and how far the others'
// backfills are. Of the ledger alone.
import { backfillProgress, type DayRow, daysOfVersion, type UtcDay } from "@tandem/shared-logic";
import { type CatalogueEntry, type CatalogueVersion, catalogueEntry } from "./catalogue-entry.ts";
import type { LedgerDay } from "./read/day-ledger.ts";
import type { MetricVersions } from "./read/metric-versions.ts";

export async function listMetrics(
  versions: MetricVersions,
  ledger: ReadonlyMap<UtcDay, LedgerDay>,
): Promise<CatalogueEntry[]> {
  const days = new Map<UtcDay, DayRow>();
  for (const [day, { row }] of ledger) if (row) days.set(day, row);
  const entries: CatalogueEntry[] = [];
  for (const name of [...versions.byName.keys()].sort()) {
    const chosen = await versions.choose(name);
    if (!chosen) continue;
    const { metric: visible } = chosen;
    // Another version is to have what the visible one has; that one, what any metric has.
    const own = daysOfVersion(days, name, visible.version);
    const told = (versions.byName.get(name) ?? []).map((m): CatalogueVersion => {
      const isVisible = m.version === visible.version;
      const { done, wanted } = backfillProgress(days, isVisible ? days.keys() : own, m.fingerprint);
      return { version: m.version, visible: isVisible, days_done: done, days_wanted: wanted };
    });
    entries.push(catalogueEntry(visible, told));
  }
  return entries;
}
