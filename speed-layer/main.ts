// The speed layer's process: `node speed-layer/main.ts [--config FILE]`. Any number of them share the
// partitions in one group; a partition that moves is handed over by its checkpoint.
import { randomUUID } from "node:crypto";
import {
  countArrayBytesWithHeap,
  type LayerContext,
  type LayerProcess,
  loadMetrics,
  openStack,
  reportNotifications,
  requiredDataset,
  runProcess,
} from "@tandem/adapters/stack";
import { ColumnScanner, fieldsOfAll, PartitionLoops, traceIdOf } from "@tandem/shared-logic";
import pino, { type Logger } from "pino";
import { reportSpeed, SpeedWorker } from "./src/index.ts";

const NEEDS = ["views", "log", "checkpoints", "group", "notifications"] as const;
const GROUP = "speed";

async function start(context: LayerContext<Logger>): Promise<LayerProcess> {
  const { config, clock, telemetry, logger } = context;
  const all = await loadMetrics(config.metricFolders);
  const stack = await openStack(config, context, NEEDS);
  try {
    const { dataset } = await requiredDataset(config, stack);
    const metrics = all.filter((m) => m.dataset === dataset);
    const fields = fieldsOfAll(metrics);
    const workers = new Map<number, SpeedWorker>();
    const loops = new PartitionLoops("speed", context, async (partition, signal) => {
      const worker = new SpeedWorker(
        {
          ...stack,
          telemetry,
          onVisible: (traces, to) => {
            for (const { traceparent, offset } of traces)
              logger.info({ traceId: traceIdOf(traceparent), partition, offset, to }, "visible");
          },
        },
        { dataset, partition, owner: randomUUID().slice(0, 8) },
        metrics,
        new ColumnScanner(fields),
        config.speed,
      );
      await worker.open();
      logger.info({ partition, offset: worker.current?.offset }, "opened");
      workers.set(partition, worker);
      try {
        await worker.run(signal);
      } finally {
        if (workers.get(partition) === worker) workers.delete(partition);
      }
      logger.info({ partition, offset: worker.current?.offset }, "handed over");
    });
    reportNotifications(telemetry, stack.notifications);
    reportSpeed(telemetry, { ...stack, clock, dataset, workers: () => [...workers.values()] });
    const membership = await stack.group.join(dataset, GROUP, loops);
    membership.ended.catch((error: unknown) => context.onFatal(error, "speed"));
    return {
      about: `folds partitions ${loops.partitions.join(", ") || "(none yet)"} of ${dataset}`,
      async close() {
        await membership.leave();
        await loops.close();
        await stack.close();
      },
    };
  } catch (error) {
    await stack.close();
    throw error;
  }
}

countArrayBytesWithHeap();
await runProcess(process.argv.slice(2), {
  name: "speed",
  needs: NEEDS,
  logger: (level, name): Logger => pino({ level, name }, pino.destination(2)),
  start,
});
