// What serving tells operators of the views it reads: how far behind the log each partition's are, and so
// how fresh the answers.
import {
  type Clock,
  type EventLog,
  firstReceivedMs,
  type Telemetry,
  type ViewStore,
} from "@tandem/shared-logic";

export interface ServingReportParts {
  readonly log: Pick<EventLog, "ranges" | "read">;
  readonly views: Pick<ViewStore, "positions">;
  readonly clock: Pick<Clock, "now">;
  readonly dataset: string;
  readonly genesis: readonly number[];
}

/** Enough to find an event behind a cut. */
const LOOK_BYTES = 4096;

export function reportServing(telemetry: Telemetry, parts: ServingReportParts): () => void {
  const { log, views, clock, dataset, genesis } = parts;
  return telemetry.onScrape(async () => {
    const [ranges, positions] = await Promise.all([
      log.ranges(dataset),
      views.positions(dataset, genesis.length),
    ]);
    let stalestMs = 0;
    for (const [partition, first] of genesis.entries()) {
      const to = positions[partition]?.to ?? first;
      const { start, end } = ranges[partition] ?? { start: to, end: to };
      const labels = { partition: String(partition) };
      telemetry.set("consumer_lag_records", Math.max(0, end - to), labels);
      const from = Math.max(to, start);
      const oldest =
        end > from
          ? firstReceivedMs(await log.read(dataset, partition, from, LOOK_BYTES))
          : undefined;
      const lagMs = oldest === undefined ? 0 : Math.max(0, clock.now() - oldest);
      telemetry.set("consumer_lag_seconds", lagMs / 1000, labels);
      stalestMs = Math.max(stalestMs, lagMs);
    }
    telemetry.set("freshness_seconds", stalestMs / 1000);
  });
}
