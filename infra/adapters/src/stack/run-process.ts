// One layer as a process: configuration, operations port, start, one line when ready, and an orderly end.
// SIGTERM or SIGINT: drain, commit, checkpoint, exit 0 within 10 s; a second one exits at once. A loop that
// stopped for good, or a start that failed, says so in one line and exits 1.
import { parseArgs } from "node:util";
import { type Clock, TandemError, type Telemetry } from "@tandem/shared-logic";
import { DirectoryLock } from "../embedded/directory-lock.ts";
import { systemClock } from "../embedded/system-clock.ts";
import { prometheusTelemetry } from "../prometheus/prometheus-telemetry.ts";
import { ownedFolder } from "./chosen-ports.ts";
import type { TandemConfig } from "./config-schema.ts";
import { loadConfig } from "./load-config.ts";
import { type OperationsServer, operationsServer } from "./operations-server.ts";
import type { ProcessLogger } from "./process-logger.ts";
import { quietLogger } from "./quiet-logger.ts";
import type { PortName, StackContext } from "./stack-ports.ts";

export interface LayerContext<L extends ProcessLogger> extends StackContext {
  readonly config: TandemConfig;
  readonly telemetry: Telemetry;
  readonly logger: L;
  /** Aborts when the process is asked to stop. */
  readonly stop: AbortSignal;
  /** A failure that is tried again. */
  readonly onError: (error: unknown, where: string) => void;
  /** A loop has stopped for good; the process ends with exit code 1. */
  readonly onFatal: (error: unknown, where: string) => void;
}

export interface LayerProcess {
  /** What the ready line says of it, such as where it listens. */
  readonly about: string;
  /** Why it is not ready now; undefined where it is. */
  readonly unready?: () => Promise<string | undefined>;
  /** Drains, commits and closes everything. */
  close(): Promise<void>;
}

export interface ProcessOptions<L extends ProcessLogger> {
  readonly name: string;
  /** Ports it opens. */
  readonly needs: readonly PortName[];
  readonly logger: (level: string, name: string) => L;
  readonly start: (context: LayerContext<L>) => Promise<LayerProcess>;
}

/** What an orderly end may take. */
const STOP_MS = 9_500;
const clock: Clock = systemClock();

export const messageOf = (error: unknown): string =>
  error instanceof TandemError
    ? `${error.message} (${error.code})`
    : error instanceof Error
      ? error.message
      : String(error);

/** The arguments of a layer's process: words, and --config. */
export function processArgs(argv: readonly string[]): {
  readonly words: readonly string[];
  readonly file: string | undefined;
} {
  const { values, positionals } = parseArgs({
    args: [...argv],
    options: { config: { type: "string" } },
    allowPositionals: true,
  });
  return { words: positionals, file: values.config };
}

/** Runs until asked to stop; ends the process. */
export async function runProcess<L extends ProcessLogger>(
  argv: readonly string[],
  o: ProcessOptions<L>,
): Promise<never> {
  const stop = new AbortController();
  const fatal = Promise.withResolvers<void>();
  const asked = Promise.withResolvers<void>();
  let failed = false;
  const onSignal = (): void => {
    if (stop.signal.aborted) process.exit(1);
    stop.abort();
    asked.resolve();
  };
  process.on("SIGTERM", onSignal);
  process.on("SIGINT", onSignal);
  let logger: L | undefined;
  const die = (error: unknown, where: string): never => {
    if (logger) logger.fatal({ where, err: error }, "stopped");
    process.stderr.write(`tandem ${o.name}: ${where}${messageOf(error)}\n`);
    process.exit(1);
  };
  const closing: (() => Promise<void>)[] = [];
  try {
    const { config } = loadConfig({ env: process.env, file: processArgs(argv).file });
    const log = quietLogger(o.logger(config.logLevel, o.name), clock);
    logger = log;
    const folder = ownedFolder(config, o.needs);
    if (folder !== undefined) {
      const lock = await DirectoryLock.take(folder);
      closing.push(() => lock.release());
    }
    const telemetry = prometheusTelemetry();
    let layer: LayerProcess | undefined;
    const operations: OperationsServer = await operationsServer({
      ...config.operations,
      metrics: telemetry,
      unready: async () => {
        if (stop.signal.aborted) return "stopping";
        if (!layer) return "starting";
        return layer.unready?.();
      },
    });
    closing.push(() => operations.close());
    layer = await o.start({
      config,
      clock,
      telemetry,
      logger: log,
      stop: stop.signal,
      onTrouble: (where, what) => log.warn({ where, what }, "tried again"),
      onRisk: (where, what) => log.warn({ where, what }, "acknowledged data may be lost here"),
      onJobThrow: (error) => log.error({ where: "jobs", err: error }, "a job failed"),
      onError: (error, where) => log.error({ where, err: error }, "failed; tried again"),
      onFatal(error, where) {
        log.fatal({ where, err: error }, "stopped for good");
        // One line for people; loops that fell with it are in the log.
        if (!failed) process.stderr.write(`tandem ${o.name}: ${where}: ${messageOf(error)}\n`);
        failed = true;
        fatal.resolve();
      },
    });
    const started = layer;
    closing.push(() => started.close());
    const at = `${config.operations.host}:${operations.port}`;
    process.stdout.write(`tandem ${o.name} ready: ${layer.about}; operations on http://${at}\n`);
    await Promise.race([asked.promise, fatal.promise]);
    stop.abort();
    setTimeout(() => die(new Error(`did not end within ${STOP_MS} ms`), ""), STOP_MS).unref();
    const beganMs = clock.now();
    for (const one of closing.reverse()) await one();
    log.info({ tookMs: clock.now() - beganMs }, "stopped");
  } catch (error) {
    if (!stop.signal.aborted)
      for (const one of closing.reverse()) await one().catch(() => undefined);
    die(error, "");
  }
  process.exit(failed ? 1 : 0);
}
