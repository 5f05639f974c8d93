// What bridges tell operators: read at each scrape from the counters they keep, and how far each partition of
// the source has still to be brought over.
import type { EventLog, Telemetry } from "@tandem/shared-logic";
import type { Bridge } from "./bridge.ts";
import type { BridgeCounters } from "./bridge-counters.ts";

export interface BridgeReportParts {
  readonly source: Pick<EventLog, "ranges">;
  readonly topic: string;
  readonly counters: BridgeCounters;
  /** Those that this process has now, by source partition. */
  readonly bridges: () => ReadonlyMap<number, Bridge>;
}

export function reportBridge(telemetry: Telemetry, parts: BridgeReportParts): () => void {
  const { source, topic, counters: c, bridges } = parts;
  let told: number[] = [];
  return telemetry.onScrape(async () => {
    telemetry.total("events_received_total", c.read);
    telemetry.total("events_accepted_total", c.bridged);
    const kept = c.rejected - c.deadLettersLost;
    telemetry.total("events_dead_lettered_total", Math.max(0, kept), { layer: "bridge" });
    telemetry.total("dead_letters_lost_total", c.deadLettersLost);
    telemetry.total("bridge_lost_records_total", c.lost);
    for (const [reason, count] of Object.entries(c.rejectedBy))
      telemetry.total("events_rejected_total", count, { reason });
    const current = bridges();
    for (const gone of told.filter((p) => !current.has(p)))
      telemetry.forget("bridge_lag_records", { partition: String(gone) });
    told = [...current.keys()];
    const ranges = await source.ranges(topic);
    for (const [partition, { current: offset }] of current) {
      const end = ranges[partition]?.end;
      if (offset === undefined || end === undefined) continue;
      const labels = { partition: String(partition) };
      telemetry.set("bridge_lag_records", Math.max(0, end - offset), labels);
    }
  });
}
