// Manifest entries with everything filled in, for tests that care about ranges and cuts only.
import {
  type Cut,
  encodeManifestEntry,
  type ManifestEntry,
  manifestKey,
  type ObjectStore,
} from "@tandem/shared-logic";

export function entry(
  from: number,
  to: number,
  seq = 0,
  isCut = false,
  partition = 0,
): ManifestEntry {
  const events = to - from - (isCut ? 1 : 0);
  const cut: Cut = { seq, activates: [], retires: [] };
  return {
    dataset: "events",
    partition,
    from,
    to,
    object: `archive/events/${partition}/${from}-${to}.parquet`,
    sizeBytes: 100,
    sha256: "0123456789abcdef".repeat(4),
    events,
    cuts: isCut ? 1 : 0,
    dead: 0,
    days: events > 0 ? { "18170": events } : {},
    sentDays: events > 0 ? { "18170": events } : {},
    receivedMs: events > 0 ? 1_570_000_000_000 : null,
    seq,
    ...(isCut ? { cut } : {}),
  };
}

export async function store(objects: ObjectStore, ...entries: ManifestEntry[]): Promise<void> {
  for (const e of entries) await objects.putIfAbsent(manifestKey(e), encodeManifestEntry(e));
}
