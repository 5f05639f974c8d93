// What the speed layer's workers tell operators: read at each scrape from counters they keep anyway.
import {
  type Clock,
  type EventLog,
  firstReceivedMs,
  type GaugeName,
  type Telemetry,
} from "@tandem/shared-logic";
import type { SpeedWorker } from "./worker.ts";

export interface SpeedReportParts {
  readonly log: Pick<EventLog, "ranges" | "read">;
  readonly clock: Pick<Clock, "now">;
  readonly dataset: string;
  /** Those that this process has now. */
  readonly workers: () => readonly SpeedWorker[];
}

const GAUGES = ["consumer_lag_records", "consumer_lag_seconds", "checkpoint_age_seconds"] as const;
/** Enough to find an event behind a cut. */
const LOOK_BYTES = 4096;

export function reportSpeed(telemetry: Telemetry, parts: SpeedReportParts): () => void {
  const { log, clock, dataset, workers } = parts;
  let told = new Set<string>();

  async function lag(worker: SpeedWorker, offset: number, end: number): Promise<void> {
    const { partition } = worker.place;
    const labels = { partition: String(partition) };
    telemetry.set("consumer_lag_records", Math.max(0, end - offset), labels);
    const oldest =
      end > offset
        ? firstReceivedMs(await log.read(dataset, partition, offset, LOOK_BYTES))
        : undefined;
    const lagMs = oldest === undefined ? 0 : Math.max(0, clock.now() - oldest);
    telemetry.set("consumer_lag_seconds", lagMs / 1000, labels);
  }

  return telemetry.onScrape(async () => {
    const now = clock.now();
    const current = new Set<string>();
    for (const worker of workers()) {
      const state = worker.current;
      if (!state) continue;
      const labels = { partition: String(worker.place.partition) };
      current.add(labels.partition);
      const { counters } = state;
      telemetry.total("events_folded_total", counters.counted, labels);
      telemetry.total("events_duplicate_total", counters.duplicate, labels);
      telemetry.total("events_suspected_total", counters.suspected, labels);
      telemetry.total("events_unchecked_total", counters.unchecked, labels);
      telemetry.set("checkpoint_age_seconds", (now - worker.checkpointMs) / 1000, labels);
    }
    const dead = workers().reduce((n, w) => n + (w.current?.counters.deadLettered ?? 0), 0);
    telemetry.total("events_dead_lettered_total", dead, { layer: "speed" });
    for (const partition of told) {
      if (current.has(partition)) continue;
      for (const name of GAUGES satisfies readonly GaugeName[])
        telemetry.forget(name, { partition });
    }
    told = current;
    const ranges = await log.ranges(dataset);
    for (const worker of workers()) {
      const offset = worker.current?.offset;
      const end = ranges[worker.place.partition]?.end;
      if (offset !== undefined && end !== undefined) await lag(worker, offset, end);
    }
  });
}
