// What the spool tells operators, read at each scrape.
import type { Clock, Telemetry } from "@tandem/shared-logic";
import type { SpoolStats } from "./spooled-log.ts";

export function reportSpool(
  telemetry: Telemetry,
  clock: Clock,
  spool: { readonly stats: SpoolStats },
): () => void {
  return telemetry.onScrape(() => {
    const { records, bytes, oldestMs } = spool.stats;
    telemetry.set("spool_records", records);
    telemetry.set("spool_bytes", bytes);
    const ageMs = oldestMs === undefined ? 0 : Math.max(0, clock.now() - oldestMs);
    telemetry.set("spool_oldest_seconds", ageMs / 1000);
  });
}
