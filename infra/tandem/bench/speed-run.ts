// One run of the production speed worker over a log: dedupe, all grouping sets, views in sqlite and
// checkpoints in files, from an empty folder to the log's end and a last checkpoint.
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
  readonly worker: SpeedWorker;
  work(): Promise<void>;
  close(): Promise<void>;
}

export async function openSpeedRun(
  folder: string,
  log: EventLog,
  metrics: readonly Metric[],
): Promise<SpeedRun> {
  const views = new SqliteViewStore(join(folder, "views.sqlite"));
  const checkpoints = await FileCheckpointStore.open(join(folder, "checkpoints"));
  await createDataset(
    { log, views },
    DATASET,
    1,
    metrics.map((m) => m.fingerprint),
  );
  const worker = new SpeedWorker(
    { log, views, checkpoints, clock: systemClock() },
    { dataset: DATASET, partition: 0, owner: "bench" },
    metrics,
    new ColumnScanner(fieldsOfAll(metrics)),
  );
  await worker.open();
  return {
    views,
    worker,
    async work() {
      await worker.catchUp();
      await worker.checkpoint();
    },
    close: () => views.close(),
  };
}
