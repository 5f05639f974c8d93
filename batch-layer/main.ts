// The batch layer's process: `node batch-layer/main.ts [--config FILE]`. Each one keeps the schedule (it runs
// on one of them) and works on days and units; the heavy part is done in worker threads, which run this file.
import { availableParallelism } from "node:os";
import { isMainThread, workerData } from "node:worker_threads";
import { systemClock } from "@tandem/adapters/embedded";
import { parquetCodec } from "@tandem/adapters/parquet";
import {
  countArrayBytesWithHeap,
  type LayerContext,
  type LayerProcess,
  loadMetrics,
  openStack,
  requiredDataset,
  runProcess,
  runUpkeep,
  serveTasks,
  sha256Hex,
  type TandemConfig,
  ThreadPool,
} from "@tandem/adapters/stack";
import type { RunRow } from "@tandem/shared-logic";
import pino, { type Logger } from "pino";
import {
  Batch,
  DayFlow,
  Heals,
  inlineTasks,
  Reconciler,
  Retention,
  reportBatch,
  reportReconciled,
  rulesOf,
  startRetentionSchedule,
  startSchedule,
  type Task,
  type TaskRunner,
} from "./src/index.ts";

const NEEDS = ["views", "log", "objects", "jobs"] as const;

async function start(context: LayerContext<Logger>): Promise<LayerProcess> {
  const { config, clock, telemetry, logger, stop, onError } = context;
  const all = await loadMetrics(config.metricFolders);
  const stack = await openStack(config, context, NEEDS);
  try {
    const { dataset } = await requiredDataset(config, stack);
    const metrics = all.filter((m) => m.dataset === dataset);
    const size = config.batch.threads ?? Math.max(1, Math.floor(availableParallelism() / 2));
    const pool = new ThreadPool<Task, readonly RunRow[]>(new URL(import.meta.url), config, size);
    const here = await tasksOf(config, stack.objects);
    const tasks: TaskRunner = size > 0 ? (task) => pool.ask(task) : here;
    const ports = { ...stack, clock, codec: parquetCodec, sha256: sha256Hex, tasks };
    const report = reportBatch(telemetry, { views: stack.views, clock, dataset, metrics });
    const flow = new DayFlow({
      ...ports,
      queue: stack.jobs,
      dataset,
      metrics,
      archive: () => batch.archive(),
      onError,
      onUnit: report.unit,
    });
    const batch: Batch = new Batch(
      { ...ports, sealDay: (...day) => flow.seal(...day), daysAtOnce: config.batch.daysAtOnce },
      dataset,
      metrics,
    );
    const heals = new Heals(ports, batch, dataset, metrics);
    const reconciler = new Reconciler(ports, batch, dataset, metrics);
    reportReconciled(telemetry, { views: stack.views, clock, dataset, metrics });
    const stopWork = await flow.work(config.batch.units);
    const stopSchedule = await startSchedule(
      {
        ...ports,
        queue: stack.jobs,
        batch,
        heals,
        dataset,
        metrics,
        signal: stop,
        report,
        reconciler,
        onError,
      },
      config.batch,
    );
    const rules = rulesOf(config.retention, dataset);
    const retention = new Retention(ports, batch, dataset, metrics, rules);
    const stopRetention = rules.auto
      ? await startRetentionSchedule({
          queue: stack.jobs,
          clock,
          retention,
          dataset,
          signal: stop,
          telemetry,
          onError,
        })
      : undefined;
    const onSwept = (uploads: number): void => logger.info({ uploads }, "aborted left uploads");
    void runUpkeep(config, { ...context, onSwept });
    logger.info({ dataset, threads: size }, "started");
    return {
      about: `batch of ${dataset}, ${config.batch.units} units at once`,
      async close() {
        // Ends what threads are at; those jobs run again, here or elsewhere.
        await pool.close();
        await stopSchedule();
        await stopRetention?.();
        await stopWork();
        await stack.close();
      },
    };
  } catch (error) {
    await stack.close();
    throw error;
  }
}

async function tasksOf(
  config: TandemConfig,
  objects: Parameters<typeof inlineTasks>[0]["objects"],
): Promise<TaskRunner> {
  const metrics = await loadMetrics(config.metricFolders);
  const known = new Map(metrics.map((m) => [m.fingerprint, m]));
  return inlineTasks({ objects, codec: parquetCodec, sha256: sha256Hex }, (fp) => known.get(fp));
}

if (isMainThread) {
  countArrayBytesWithHeap();
  await runProcess(process.argv.slice(2), {
    name: "batch",
    needs: NEEDS,
    logger: (level, name): Logger => pino({ level, name }, pino.destination(2)),
    start,
  });
} else {
  const config = workerData as TandemConfig;
  const { objects } = await openStack(config, { clock: systemClock() }, ["objects"]);
  serveTasks(await tasksOf(config, objects));
}
