// The worker threads of one process, and what goes to them: batch tasks and archive objects to encode. Without
// threads both are done in place.
import { availableParallelism } from "node:os";
import { parquetCodec } from "@tandem/adapters/parquet";
import { countArrayBytesWithHeap, type TandemConfig, ThreadPool } from "@tandem/adapters/stack";
import { inlineTasks, type TaskRunner } from "@tandem/batch-layer";
import type { ArchiveCodec, Metric } from "@tandem/shared-logic";
import type { TandemOptions } from "../tandem-options.ts";
import { sharedBatches } from "./shared-batches.ts";
import type { ThreadResult, ThreadTask } from "./thread-task.ts";

export type Threads = ThreadPool<ThreadTask, ThreadResult>;

export function threadsOf(
  config: TandemConfig,
  options: Pick<TandemOptions, "threads">,
): Threads | undefined {
  countArrayBytesWithHeap();
  const half = Math.max(1, Math.floor(availableParallelism() / 2));
  const threads = options.threads ?? config.batch.threads ?? half;
  const main = new URL("./thread-main.ts", import.meta.url);
  return threads > 0 ? new ThreadPool<ThreadTask, ThreadResult>(main, config, threads) : undefined;
}

export const codecOf = (threads: Threads | undefined): ArchiveCodec =>
  threads
    ? {
        ...parquetCodec,
        encode: async (partition, batches) => {
          const task = {
            kind: "encode",
            partition,
            batches: await sharedBatches(batches),
          } as const;
          return (await threads.ask(task)).bytes ?? new Uint8Array(0);
        },
      }
    : parquetCodec;

export function tasksOf(
  threads: Threads | undefined,
  ports: Parameters<typeof inlineTasks>[0],
  metrics: readonly Metric[],
): TaskRunner {
  if (threads) return async (task) => (await threads.ask({ kind: "batch", task })).rows ?? [];
  const byFingerprint = new Map(metrics.map((m) => [m.fingerprint, m]));
  return inlineTasks(ports, (fp) => byFingerprint.get(fp));
}
