// The serving process: `node serving/main.ts [--config FILE]`. Any number of them answer beside each other.
import { sha256KeyHash } from "@tandem/adapters/embedded";
import {
  httpServer,
  type LayerContext,
  type LayerProcess,
  loadMetrics,
  openStack,
  requiredDataset,
  runProcess,
  writtenDeadLetters,
} from "@tandem/adapters/stack";
import { datasetKey, ledgerKeyStore } from "@tandem/shared-logic";
import pino, { type Logger } from "pino";
import { AskedDays, CopiedChanges, createServing, reportServing } from "./src/index.ts";

const NEEDS = ["views", "log", "objects"] as const;

async function start(context: LayerContext<Logger>): Promise<LayerProcess> {
  const { config, telemetry, logger } = context;
  const metrics = await loadMetrics(config.metricFolders);
  const stack = await openStack(config, context, NEEDS);
  try {
    const { dataset, genesis } = await requiredDataset(config, stack);
    const { cursorSecret, runRowBytes, speedRowBytes } = config.serving;
    const serving = createServing({
      ...stack,
      metrics,
      dataset,
      asked: new AskedDays(stack.views, dataset, stack.clock),
      changes: new CopiedChanges({ log: stack.log, dataset: `${dataset}.aggregates` }),
      // Of collectors and bridges beside it; elsewhere they are not seen from here.
      deadLetters: writtenDeadLetters(config.dataDir, stack.clock),
      keys: ledgerKeyStore(stack.views),
      hash: sha256KeyHash,
      longestMs: config.serving.queryMs,
      runRowBytes,
      speedRowBytes,
      ...(cursorSecret === undefined ? {} : { cursorSecret }),
      limits: { costCells: config.serving.queryCells, metrics: config.serving.queryMetrics },
      logger,
      telemetry,
    });
    reportServing(telemetry, { ...stack, dataset, genesis });
    const { host, port } = config.serving;
    const place = { section: "serving", host, port };
    const server = await httpServer((req, res) => serving.handle(req, res), place);
    return {
      about: `answers at ${server.url}`,
      unready: () =>
        stack.views.ledger(datasetKey(dataset)).then(
          () => undefined,
          () => "the view store does not answer",
        ),
      async close() {
        serving.close();
        await server.close();
        await stack.close();
      },
    };
  } catch (error) {
    await stack.close();
    throw error;
  }
}

await runProcess(process.argv.slice(2), {
  name: "serve",
  needs: NEEDS,
  logger: (level, name): Logger => pino({ level, name }, pino.destination(2)),
  start,
});
