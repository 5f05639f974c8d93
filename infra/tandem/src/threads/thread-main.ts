// A worker thread's main: opens the object store by itself and works off what it is asked.
import { workerData } from "node:worker_threads";
import { systemClock } from "@tandem/adapters/embedded";
import { parquetCodec } from "@tandem/adapters/parquet";
import {
  loadMetrics,
  openStack,
  serveTasks,
  sha256Hex,
  type TandemConfig,
} from "@tandem/adapters/stack";
import { inlineTasks } from "@tandem/batch-layer";
import { ownBatches } from "./shared-batches.ts";
import type { ThreadResult, ThreadTask } from "./thread-task.ts";

const config = workerData as TandemConfig;
const { objects } = await openStack(config, { clock: systemClock() }, ["objects"]);
const metrics = new Map((await loadMetrics(config.metricFolders)).map((m) => [m.fingerprint, m]));
const run = inlineTasks({ objects, codec: parquetCodec, sha256: sha256Hex }, (fp) =>
  metrics.get(fp),
);

serveTasks(async (task: ThreadTask): Promise<ThreadResult> => {
  if (task.kind === "batch") return { rows: await run(task.task) };
  return { bytes: await parquetCodec.encode(task.partition, ownBatches(task.batches)) };
});
