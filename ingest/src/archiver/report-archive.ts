// What the archivers tell operators, from offsets they commit anyway: how far the archive lies behind the
// log, how old that is, and what the log gave up before it was archived.
import {
  type Clock,
  DAY_MS,
  type EventLog,
  firstReceivedMs,
  type GaugeName,
  type ManifestEntry,
  type Telemetry,
} from "@tandem/shared-logic";
import { ARCHIVER_GROUP } from "./archiver.ts";

export interface ArchiveReportParts {
  readonly log: Pick<EventLog, "ranges" | "read" | "committed">;
  readonly clock: Pick<Clock, "now">;
  readonly dataset: string;
  readonly genesis: readonly number[];
  /** Those that this process archives now. */
  readonly partitions: () => readonly number[];
  /** How long the log keeps records; undefined: all. */
  readonly retentionMs?: number;
}

const GAUGES = ["archive_lag_records", "archive_lag_seconds", "lost_range_records"] as const;
/** Enough to find an event behind a cut. */
const LOOK_BYTES = 4096;

/** Counts an object, and its events of days that had ended by its newest receipt. */
export function reportArchived(telemetry: Telemetry, entry: ManifestEntry): void {
  telemetry.add("archive_objects_total", 1, { partition: String(entry.partition) });
  const today = Math.floor((entry.receivedMs ?? 0) / DAY_MS);
  const late = Object.entries(entry.days).filter(([day]) => Number(day) < today);
  telemetry.add(
    "events_late_total",
    late.reduce((sum, [, count]) => sum + count, 0),
  );
}

export function reportArchive(telemetry: Telemetry, parts: ArchiveReportParts): () => void {
  const { log, clock, dataset, genesis, partitions, retentionMs } = parts;
  if (retentionMs !== undefined) telemetry.set("log_retention_seconds", retentionMs / 1000);
  let told: readonly number[] = [];
  return telemetry.onScrape(async () => {
    const [ranges, committed] = await Promise.all([
      log.ranges(dataset),
      log.committed(dataset, ARCHIVER_GROUP),
    ]);
    const current = partitions();
    for (const gone of told.filter((p) => !current.includes(p))) {
      for (const name of GAUGES satisfies readonly GaugeName[])
        telemetry.forget(name, { partition: String(gone) });
    }
    told = current;
    for (const partition of current) {
      const range = ranges[partition];
      if (!range) continue;
      const labels = { partition: String(partition) };
      const archived = committed[partition] ?? genesis[partition] ?? range.start;
      telemetry.set("archive_lag_records", Math.max(0, range.end - archived), labels);
      telemetry.set("lost_range_records", Math.max(0, range.start - archived), labels);
      const from = Math.max(archived, range.start);
      const oldest =
        range.end > from
          ? firstReceivedMs(await log.read(dataset, partition, from, LOOK_BYTES))
          : undefined;
      const lagMs = oldest === undefined ? 0 : Math.max(0, clock.now() - oldest);
      telemetry.set("archive_lag_seconds", lagMs / 1000, labels);
    }
  });
}
