// Entries whose objects retention has given up, as whoever reads the manifest is to see them: nothing is read of
// them any more, and they say how much is gone and of which days. The stored entries stay as they were written;
// which ranges are gone is one row of the ledger, so that giving up is one compare-and-set.
import type { RetentionRow } from "../ports/ledger-rows.ts";
import type { ManifestEntry } from "./manifest.ts";

/** Why a range is lost, where retention gave it up. */
export const EXPIRED = "retention";
/** Where it kept one row a minute of some event types. */
export const DOWNSAMPLED = "downsampling";

type Ranges = RetentionRow["expired"];

/** Is the entry's range among them? */
export const isExpired = (
  ranges: Ranges,
  { partition, from, to }: Pick<ManifestEntry, "partition" | "from" | "to">,
): boolean => ranges[partition]?.some(([a, b]) => a <= from && to <= b) ?? false;

export function withExpired(
  { expired, sampled = [] }: Pick<RetentionRow, "expired" | "sampled">,
  entry: ManifestEntry,
): ManifestEntry {
  if (entry.lost || !isExpired(expired, entry)) return entry;
  const { events, cuts, dead, days, sentDays, receivedMs } = entry;
  const why = isExpired(sampled, entry) ? DOWNSAMPLED : EXPIRED;
  const lost = { records: events + cuts + dead, days, sentDays, receivedMs, why };
  return { ...entry, events: 0, cuts: 0, dead: 0, days: {}, sentDays: {}, receivedMs: null, lost };
}

/** The ranges with one more, coalesced where they touch. */
export function plusExpired(
  ranges: Ranges,
  { partition, from, to }: Pick<ManifestEntry, "partition" | "from" | "to">,
  partitions: number,
): Ranges {
  return Array.from({ length: partitions }, (_, p) => {
    const own = ranges[p] ?? [];
    if (p !== partition) return own;
    const sorted = [...own, [from, to] as const].sort((a, b) => a[0] - b[0]);
    const merged: [number, number][] = [];
    for (const [a, b] of sorted) {
      const last = merged.at(-1);
      if (last && a <= last[1]) last[1] = Math.max(last[1], b);
      else merged.push([a, b]);
    }
    return merged;
  });
}
