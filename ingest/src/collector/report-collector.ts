// What the collector tells operators: read at each scrape from the counters it keeps anyway.
import type { Telemetry } from "@tandem/shared-logic";
import type { CollectorStats } from "./http-handler.ts";

export function reportCollector(
  telemetry: Telemetry,
  collector: { stats(): CollectorStats },
): () => void {
  return telemetry.onScrape(() => {
    const s = collector.stats();
    telemetry.total("requests_total", s.requests);
    telemetry.total("events_received_total", s.sent);
    telemetry.total("events_accepted_total", s.accepted);
    telemetry.total("events_retry_total", s.retry);
    const kept = s.rejected - s.deadLettersLost;
    telemetry.total("events_dead_lettered_total", kept, { layer: "collector" });
    telemetry.total("dead_letters_lost_total", s.deadLettersLost);
    for (const [reason, count] of Object.entries(s.rejectedBy))
      telemetry.total("events_rejected_total", count, { reason });
    for (const [code, count] of Object.entries(s.refusedBy))
      telemetry.total("requests_refused_total", count, { code });
  });
}
