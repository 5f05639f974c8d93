// One run of the production speed workers over a log, one of each partition, in one process: dedupe, all grouping sets,
// views in sqlite and checkpoints in files, from an empty folder to the log's end and a last checkpoint.
import { join } from "node:path";
import { FileCheckpointStore, SqliteViewStore, systemClock } from "@tandem/adapters/embedded";
import { loadMetricFolder } from "@tandem/adapters/stack";
import { createDataset } from "@tandem/batch-layer";
import {
  ColumnScanner,
  type EventLog,
  fieldsOfAll,
  type Metric,
  type ViewStore,
} from "@tandem/shared-logic";
import { SpeedWorker } from "@tandem/speed-layer";

export const DATASET = "events";

export async function benchMetrics(
  folder: "metrics" | "metrics-foreign",
): Promise<[Metric, Metric]> {
  const [events, users] = await loadMetricFolder(join(import.meta.dirname, folder));
  if (!events || !users) throw new RangeError("two metrics are measured");
  return [events, users];
}

export interface SpeedRun {
  readonly views: ViewStore;
  /** By partition. */
  readonly workers: readonly SpeedWorker[];
  work(): Promise<void>;
  close(): Promise<void>;
}

export async function openSpeedRun(
  folder: string,
  log: EventLog,
  metrics: readonly Metric[],
  { dataset = DATASET, partitions = 1 } = {},
): Promise<SpeedRun> {
  const views = new SqliteViewStore(join(folder, "views.sqlite"));
  const checkpoints = await FileCheckpointStore.open(join(folder, "checkpoints"));
  const active = metrics.map((m) => m.fingerprint);
  await createDataset({ log, views }, dataset, partitions, active);
  const ports = { log, views, checkpoints, clock: systemClock() };
  const workers = Array.from({ length: partitions }, (_, partition) => {
    const place = { dataset, partition, owner: "bench" };
    return new SpeedWorker(ports, place, metrics, new ColumnScanner(fieldsOfAll(metrics)));
  });
  for (const worker of workers) await worker.open();
  return {
    views,
    workers,
    async work() {
      await Promise.all(
        workers.map(async (worker) => {
          await worker.catchUp();
          await worker.checkpoint();
        }),
      );
    },
    close: () => views.close(),
  };
}
