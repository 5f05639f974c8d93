// Starts every planned process that does not run, detached and with a log of its own, and waits until each
// says that it is ready. One that ends instead is shown with the last lines of its log.
import { type ChildProcess, spawn } from "node:child_process";
import { mkdir, open } from "node:fs/promises";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { identityOf } from "@tandem/adapters/embedded";
import { TandemError } from "@tandem/shared-logic";
import { lastLines } from "./last-lines.ts";
import { logPath, removePid, runningOf, startedNames, writePid } from "./pid-file.ts";
import type { PlannedProcess } from "./planned-processes.ts";
import { readiness } from "./readiness.ts";

export interface StartOptions {
  /** Of pid files and logs. */
  readonly folder: string;
  readonly configFile: string | undefined;
  readonly env: NodeJS.ProcessEnv;
  /** Longest wait for all to be ready. Default 60,000. */
  readonly readyMs?: number;
  readonly say: (line: string) => void;
}

const ROOT = fileURLToPath(new URL("../../../../", import.meta.url));
const LOOK_MS = 100;

export async function startProcesses(
  planned: readonly PlannedProcess[],
  o: StartOptions,
): Promise<void> {
  await mkdir(o.folder, { recursive: true });
  await refuseTakenPorts(planned, o.folder);
  const until = performance.now() + (o.readyMs ?? 60_000);
  const started = await Promise.all(planned.map((one) => startOne(one, o)));
  await Promise.all(planned.map((one, i) => waitReady(one, started[i], o, until)));
}

/**
 * Operations ports follow from the plan, so a plan that was changed may give a new process the port of one
 * that runs, whose answers would then pass for the new one's.
 */
async function refuseTakenPorts(planned: readonly PlannedProcess[], folder: string): Promise<void> {
  const portOf = new Map<string, number>();
  for (const name of await startedNames(folder)) {
    const running = await runningOf(folder, name);
    if (running) portOf.set(name, running.operationsPort);
  }
  const byPort = new Map([...portOf].map(([name, port]) => [port, name]));
  for (const { name, operationsPort } of planned) {
    const holder = portOf.has(name) ? undefined : byPort.get(operationsPort);
    if (holder === undefined) continue;
    throw new TandemError("configuration", {
      message: `processes.operationsPort (TANDEM_PROCESSES_OPERATIONS_PORT): ${name} would get ${operationsPort}, which ${holder} has since before \`processes\` was changed; run \`tandem processes stop\` first`,
      details: { name, holder, operationsPort },
    });
  }
}

/** Undefined where it runs already. */
async function startOne(one: PlannedProcess, o: StartOptions): Promise<ChildProcess | undefined> {
  const known = await runningOf(o.folder, one.name);
  if (known) {
    o.say(`${one.name} runs already (${known.pid})`);
    return undefined;
  }
  const log = await open(logPath(o.folder, one.name), "a");
  const config = o.configFile === undefined ? [] : ["--config", o.configFile];
  const child = spawn(process.execPath, [one.file, ...one.args, ...config], {
    cwd: ROOT,
    detached: true,
    stdio: ["ignore", log.fd, log.fd],
    env: { ...o.env, ...one.env },
  });
  await log.close();
  child.unref();
  if (child.pid !== undefined) {
    const identity = await identityOf(child.pid);
    await writePid(o.folder, one.name, { ...identity, operationsPort: one.operationsPort });
  }
  return child;
}

async function waitReady(
  one: PlannedProcess,
  child: ChildProcess | undefined,
  o: StartOptions,
  until: number,
): Promise<void> {
  for (;;) {
    if (
      child &&
      (child.exitCode !== null || child.signalCode !== null || child.pid === undefined)
    ) {
      await removePid(o.folder, one.name);
      const lines = await lastLines(logPath(o.folder, one.name), 5);
      throw new TandemError("configuration", {
        message: `${one.name} ended: ${lines.at(-1) ?? ""}`,
      });
    }
    // One that runs already has the port that it was started with.
    const port = child ? one.operationsPort : (await runningOf(o.folder, one.name))?.operationsPort;
    if (port !== undefined && (await readiness(port)) === "ok") break;
    if (performance.now() > until) {
      throw new TandemError("configuration", {
        message: `${one.name} is not ready; its log is ${logPath(o.folder, one.name)}`,
      });
    }
    await pause(LOOK_MS);
  }
  if (child)
    o.say(`${one.name} ready (${child.pid}), operations on 127.0.0.1:${one.operationsPort}`);
}
