// The ingest processes: `node ingest/main.ts collect` takes events over HTTP, `node ingest/main.ts archive`
// copies the log's partitions that its group gives it into Parquet objects, `node ingest/main.ts bridge` brings
// a foreign topic into the dataset. `--config FILE` as everywhere.
import type { IncomingMessage, ServerResponse } from "node:http";
import { sha256KeyHash } from "@tandem/adapters/embedded";
import { parquetCodec } from "@tandem/adapters/parquet";
import {
  bridgedTopic,
  copiedDeadLetters,
  type LayerContext,
  type LayerProcess,
  openSpool,
  openStack,
  portError,
  processArgs,
  reportNotifications,
  requiredDataset,
  runProcess,
  type Stack,
} from "@tandem/adapters/stack";
import { ledgerKeyStore, PartitionLoops, traceIdOf } from "@tandem/shared-logic";
import pino, { type Logger } from "pino";
import {
  ARCHIVER_GROUP,
  Archiver,
  Bridge,
  bridgeCounters,
  createCollector,
  type EventSink,
  listen,
  refuseOtherDatasets,
  reportArchive,
  reportArchived,
  reportBridge,
  reportCollector,
  reportSpool,
  ShedBook,
  SpooledLog,
  withoutLog,
} from "./src/index.ts";

/** The dataset and the log before which the spool stands; what is opened is closed by `opened`, last first. */
async function logOfCollector(
  { config, telemetry, logger, clock }: LayerContext<Logger>,
  stack: Stack<"views" | "log">,
  opened: (() => Promise<void>)[],
): Promise<{ readonly dataset: string; readonly log: EventSink; readonly spool?: SpooledLog }> {
  const files = await openSpool(config, clock);
  if (!files) return { dataset: (await requiredDataset(config, stack)).dataset, log: stack.log };
  opened.push(() => files.close());
  const { name } = config.dataset;
  await refuseOtherDatasets(files, name);
  const { dataset, genesis } = await withoutLog(
    files,
    name,
    () => requiredDataset(config, stack),
    (away) => {
      logger.warn({ what: away.message }, "starts without the log; events wait in the spool");
      return requiredDataset(config, { views: stack.views });
    },
  );
  const spool = await SpooledLog.open({
    primary: stack.log,
    spool: files.log,
    dataset,
    partitions: genesis.length,
    clock,
    limits: { maxBytes: config.spool.maxBytes },
    onTrouble: (what) => logger.warn({ what }, "spool"),
  });
  opened.push(() => spool.close());
  reportSpool(telemetry, clock, spool);
  return { dataset, log: spool, spool };
}

async function collect(context: LayerContext<Logger>): Promise<LayerProcess> {
  const { config, telemetry, logger, clock } = context;
  const stack = await openStack(config, context, PROCESSES.collect.needs);
  const opened: (() => Promise<void>)[] = [() => stack.close()];
  const close = async (): Promise<void> => {
    for (const one of opened.splice(0).reverse()) await one();
  };
  try {
    const { dataset, log, spool } = await logOfCollector(context, stack, opened);
    const { host, port, eventsPerSecond, burstEvents, ...limits } = config.collector;
    const rate = eventsPerSecond > 0 ? { rate: { eventsPerSecond, burstEvents } } : {};
    const shed = new ShedBook({ views: stack.views, clock, dataset, onError: context.onError });
    const stop = new AbortController();
    const shedWritten = shed.run(stop.signal);
    opened.push(async () => {
      stop.abort();
      await Promise.race([shedWritten, clock.sleep(SHED_MS)]);
    });
    const collector = createCollector({
      shed,
      ...stack,
      log,
      dataset,
      deadLetters: copiedDeadLetters(stack.deadLetters, stack.notifications),
      keys: ledgerKeyStore(stack.views),
      hash: sha256KeyHash,
      limits: { ...limits, ...rate },
      logger,
    });
    reportCollector(telemetry, collector);
    reportNotifications(telemetry, stack.notifications);
    const handle = (req: IncomingMessage, res: ServerResponse): boolean => {
      const traceId = traceIdOf(req.headers["traceparent"]);
      if (traceId !== undefined) logTraced(logger, traceId, res, clock.now());
      return collector.handle(req, res);
    };
    const listening = await listen(handle, { host, port, before: collector.readPlain }).catch(
      (error: unknown) => {
        throw portError("collector", host, port, error);
      },
    );
    opened.push(async () => {
      await collector.close();
      await listening.close(2000);
    });
    return {
      about: `events at ${listening.url}/events`,
      unready: async () => spool?.unready,
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

/** Longest that the end of a process waits for the last of what it sent away to be written. */
const SHED_MS = 2000;

/** What a trace can be followed by from here: the moment its events carry as received. */
function logTraced(log: Logger, traceId: string, res: ServerResponse, receivedMs: number): void {
  res.once("finish", () => log.info({ traceId, receivedMs, status: res.statusCode }, "answered"));
}

async function archive(context: LayerContext<Logger>): Promise<LayerProcess> {
  const { config, telemetry, onError } = context;
  const stack = await openStack(config, context, ["views", "log", "objects", "group"]);
  try {
    const { dataset, genesis } = await requiredDataset(config, stack);
    const { records, sizeBytes } = config.archive;
    const loops = new PartitionLoops("archive", context, (partition, signal) =>
      new Archiver({
        ...stack,
        codec: parquetCodec,
        dataset,
        partition,
        genesis: genesis[partition] ?? 0,
        limits: { records, bytes: sizeBytes },
        onArchived: (entry) => reportArchived(telemetry, entry),
        onRetry: (error) => onError(error, `archive/${partition}`),
      }).run(signal),
    );
    const { retentionMs } = config.kafka;
    reportArchive(telemetry, {
      ...stack,
      dataset,
      genesis,
      partitions: () => loops.partitions,
      ...(retentionMs > 0 ? { retentionMs } : {}),
    });
    const membership = await stack.group.join(dataset, ARCHIVER_GROUP, loops);
    membership.ended.catch((error: unknown) => context.onFatal(error, "archive"));
    return {
      about: `archives partitions ${loops.partitions.join(", ") || "(none yet)"} of ${dataset}`,
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

async function bridge(context: LayerContext<Logger>): Promise<LayerProcess> {
  const { config, telemetry } = context;
  const stack = await openStack(config, context, PROCESSES.bridge.needs);
  try {
    const { dataset, genesis } = await requiredDataset(config, stack);
    const { log: source, groups } = stack.foreign;
    const topic = await bridgedTopic(config, stack.foreign);
    const { group, received, tenant = config.tenant } = config.bridge;
    const counters = bridgeCounters();
    const bridges = new Map<number, Bridge>();
    const loops = new PartitionLoops("bridge", context, async (partition, signal) => {
      const one = new Bridge({
        ...stack,
        ...{ source, topic, partition, group, dataset, tenant, counters },
        deadLetters: copiedDeadLetters(stack.deadLetters, stack.notifications),
        partitions: genesis.length,
        mode: received === "now" ? "live" : "import",
        logger: context.logger,
      });
      bridges.set(partition, one);
      try {
        await one.run(signal);
      } finally {
        if (bridges.get(partition) === one) bridges.delete(partition);
      }
    });
    reportNotifications(telemetry, stack.notifications);
    reportBridge(telemetry, { source, topic, counters, bridges: () => bridges });
    const membership = await groups.join(topic, group, loops);
    membership.ended.catch((error: unknown) => context.onFatal(error, "bridge"));
    return {
      about: `brings ${topic} into ${dataset}, partitions ${loops.partitions.join(", ") || "(none yet)"}`,
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

const logger = (level: string, name: string): Logger => pino({ level, name }, pino.destination(2));
const PROCESSES = {
  collect: { start: collect, needs: ["views", "log", "deadLetters", "notifications"] },
  archive: { start: archive, needs: ["views", "log", "objects", "group"] },
  bridge: {
    start: bridge,
    needs: ["views", "log", "checkpoints", "deadLetters", "notifications", "foreign"],
  },
} as const;

const argv = process.argv.slice(2);
const [word, ...more] = processArgs(argv).words;
if ((word !== "collect" && word !== "archive" && word !== "bridge") || more.length > 0) {
  process.stderr.write("usage: node ingest/main.ts collect|archive|bridge [--config FILE]\n");
  process.exit(2);
}
await runProcess(argv, { name: word, logger, ...PROCESSES[word] });
