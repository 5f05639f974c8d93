// Opens a data directory and starts the parts asked for: HTTP for collector and serving on one port, speed
// and archive loops, the batch schedule. Stopping goes the other way round.
import { sha256KeyHash } from "@tandem/adapters/embedded";
import { httpServer, openStack, type TandemConfig } from "@tandem/adapters/stack";
import {
  reportBatch,
  reportReconciled,
  rulesOf,
  type ScheduleOptions,
  startRetentionSchedule,
  startSchedule,
} from "@tandem/batch-layer";
import { createCollector, reportArchive, reportCollector, ShedBook } from "@tandem/ingest";
import { createServing, reportServing } from "@tandem/serving";
import { type Clock, ledgerKeyStore, NO_TELEMETRY, type Telemetry } from "@tandem/shared-logic";
import { reportSpeed } from "@tandem/speed-layer";
import pino from "pino";
import { Tandem } from "./tandem.ts";
import { configOf, type TandemOptions } from "./tandem-options.ts";

export type Part = "collect" | "speed" | "archive" | "batch" | "serve";

export const LAYERS: Readonly<
  Record<string, { readonly what: string; readonly parts: readonly Part[] }>
> = {
  run: {
    what: "all layers in one process",
    parts: ["collect", "speed", "archive", "batch", "serve"],
  },
  collect: { what: "the collector alone", parts: ["collect"] },
  speed: { what: "the speed layer alone", parts: ["speed"] },
  archive: { what: "the archiver alone", parts: ["archive"] },
  batch: {
    what: "the batch schedule (with the archiver it waits for)",
    parts: ["archive", "batch"],
  },
  serve: { what: "the serving API alone", parts: ["serve"] },
};

export interface Running {
  readonly tandem: Tandem;
  /** Of the HTTP API; undefined where neither collector nor serving runs. */
  readonly url: string | undefined;
  stop(): Promise<void>;
}

export interface StartOptions {
  readonly host: string;
  readonly port: number;
  readonly parts: readonly Part[];
  readonly clock: Clock;
  readonly schedule?: ScheduleOptions;
  readonly tandem?: Partial<TandemOptions>;
  readonly dataDir: string;
  readonly metricFolders: readonly string[];
  readonly config?: TandemConfig;
  readonly telemetry?: Telemetry;
  readonly onError: (error: unknown, where: string) => void;
  readonly onFatal?: (error: unknown, where: string) => void;
}

/** Opens the directory (whose lock the caller holds) and starts the parts. */
export async function startTandem(o: StartOptions): Promise<Running> {
  const config = configOf(o);
  const telemetry = o.telemetry ?? NO_TELEMETRY;
  const tandem = await Tandem.open({
    ...o.tandem,
    config,
    dataDir: o.dataDir,
    metricFolders: o.metricFolders,
    clock: o.clock,
    telemetry,
    onError: o.onError,
    ...(o.onFatal ? { onFatal: o.onFatal } : {}),
  });
  const has = (part: Part): boolean => o.parts.includes(part);
  const logger = pino({ level: "warn" }, pino.destination(2));
  const keys = ledgerKeyStore(tandem.ports.views);
  const common = {
    keys,
    hash: sha256KeyHash,
    clock: o.clock,
    dataset: tandem.dataset.dataset,
    logger,
    telemetry,
  };
  const shed = new ShedBook({ ...tandem.ports, ...common, onError: o.onError });
  const collector = has("collect")
    ? createCollector({ ...tandem.ports, ...common, shed })
    : undefined;
  const serving = has("serve")
    ? createServing({
        ...tandem.ports,
        ...common,
        metrics: tandem.metrics,
        engine: tandem.queries,
        changes: tandem.changes,
      })
    : undefined;
  const { dataset, genesis } = tandem.dataset;
  const reported = { ...tandem.ports, dataset, genesis };
  if (collector) reportCollector(telemetry, collector);
  if (has("speed")) reportSpeed(telemetry, { ...reported, workers: () => tandem.workers });
  if (serving) reportServing(telemetry, reported);
  if (has("archive"))
    reportArchive(telemetry, { ...reported, partitions: () => [...genesis.keys()] });
  tandem.start({ speed: has("speed"), archive: has("archive") });
  const abort = new AbortController();
  const shedStop = new AbortController();
  const shedWritten = collector && shed.run(shedStop.signal);
  // A run cut short by the shutdown is planned again at the next start.
  const onJobThrow = (error: unknown): void => {
    if (!abort.signal.aborted) o.onError(error, "batch");
  };
  if (has("batch")) reportReconciled(telemetry, { ...reported, metrics: tandem.metrics });
  const queue = has("batch")
    ? (await openStack(config, { clock: o.clock, onJobThrow }, ["jobs"])).jobs
    : undefined;
  const stopSchedule = queue
    ? await startSchedule(
        {
          ...tandem.ports,
          queue,
          batch: tandem.batch,
          heals: tandem.heals,
          reconciler: tandem.reconciler,
          dataset: tandem.dataset.dataset,
          metrics: tandem.metrics,
          signal: abort.signal,
          report: reportBatch(telemetry, { ...reported, metrics: tandem.metrics }),
          onError: o.onError,
        },
        { ...config.batch, ...o.schedule },
      )
    : undefined;
  const stopRetention =
    queue && rulesOf(config.retention, dataset).auto
      ? await startRetentionSchedule({
          queue,
          clock: o.clock,
          retention: tandem.retention,
          dataset,
          signal: abort.signal,
          telemetry,
          onError: o.onError,
        })
      : undefined;
  const server =
    collector || serving
      ? await httpServer(
          (req, res) => {
            if (collector?.handle(req, res)) return;
            if (serving) serving.handle(req, res);
            else
              res
                .writeHead(404, { "content-type": "application/json" })
                .end('{"error":{"code":"not_found","message":"no such route"}}');
          },
          {
            section: collector ? "collector" : "serving",
            host: o.host,
            port: o.port,
            before: collector?.readPlain,
          },
        )
      : undefined;
  const stop = async (): Promise<void> => {
    await collector?.close();
    serving?.close();
    await server?.close();
    shedStop.abort();
    await shedWritten;
    abort.abort();
    await stopSchedule?.();
    await stopRetention?.();
    await queue?.close();
    await tandem.close();
  };
  return { tandem, url: server?.url, stop };
}
