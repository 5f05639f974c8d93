// `tandem run` and its one-layer forms: owns the data directory, runs the layers asked for until SIGTERM
// or SIGINT, then stops in order: no new requests, workers checkpoint, stores close.
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { DirectoryLock, systemClock } from "@tandem/adapters/embedded";
import { prometheusTelemetry } from "@tandem/adapters/prometheus";
import { opsServer } from "../ops/ops-server.ts";
import { removeOwner, writeOwner } from "../ops/owner-file.ts";
import { type Part, startTandem } from "../start-tandem.ts";
import { stopSignals } from "../stop-signals.ts";
import type { Tandem } from "../tandem.ts";
import type { Io } from "./io.ts";
import type { CommonOptions } from "./settings.ts";

/** Runs a command line on a directory that is open already. */
export type RunOwned = (argv: readonly string[], io: Io, tandem: Tandem) => Promise<number>;

export interface RunOptions {
  readonly host?: string;
  readonly port?: number;
  readonly opsPort?: number;
}

export async function runLayers(
  o: CommonOptions & RunOptions,
  parts: readonly Part[],
  io: Io,
  runOwned: RunOwned,
): Promise<number> {
  const { config } = o.settings;
  const listening = parts.includes("collect") ? config.collector : config.serving;
  const lock = await DirectoryLock.take(o.data);
  const fatal = new AbortController();
  const asked = stopSignals();
  try {
    const telemetry = prometheusTelemetry();
    const running = await startTandem({
      config,
      telemetry,
      host: o.host ?? listening.host,
      port: o.port ?? listening.port,
      parts,
      dataDir: o.data,
      metricFolders: o.metrics,
      clock: systemClock(),
      onError: (error, where) =>
        io.err(`${where}: ${error instanceof Error ? error.message : String(error)}\n`),
      onFatal: () => fatal.abort(),
    });
    const token = randomBytes(32).toString("hex");
    const run = (argv: readonly string[], opsIo: Io): Promise<number> =>
      runOwned(argv, opsIo, running.tandem);
    const ops = await opsServer({
      token,
      run,
      host: config.operations.host,
      port: o.opsPort ?? config.operations.port,
      metrics: telemetry,
      unready: async () => (asked.signal.aborted ? "stopping" : undefined),
    });
    await writeOwner(o.data, { pid: process.pid, port: ops.port, token });
    if (running.url !== undefined) io.out(`listening on ${running.url}\n`);
    io.out(`running ${parts.join(", ")} on ${o.data}; operations port 127.0.0.1:${ops.port}\n`);
    const stop = AbortSignal.any([asked.signal, fatal.signal]);
    if (!stop.aborted) await once(stop, "abort");
    io.err(
      fatal.signal.aborted ? "a layer has stopped for good; stopping all …\n" : "stopping …\n",
    );
    await removeOwner(o.data);
    await ops.close();
    await running.stop();
    return fatal.signal.aborted ? 1 : 0;
  } finally {
    asked.release();
    await lock.release();
  }
}
