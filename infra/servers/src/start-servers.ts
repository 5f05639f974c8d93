// Servers for a test or a drill. Without a data folder the set is its own: any free ports, a temporary folder,
// and nothing left of it after `stop`, or, where this process ends without, after the next such start.
import { mkdtempSync, rmSync } from "node:fs";
import { rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { type EnvValues, envValues } from "./env-values.ts";
import { ServersFailure } from "./failure.ts";
import { foldersOf } from "./folders.ts";
import { serversOf } from "./known-servers.ts";
import { readPlan } from "./plan.ts";
import { identify } from "./process/identity.ts";
import { pidFileNames, runningProcess, writePidFile } from "./process/pid-file.ts";
import { killAll, killNow } from "./process/signals.ts";
import type { Progress } from "./server.ts";
import { down, drill, up } from "./set.ts";
import { type Environment, readSettings, type Settings } from "./settings.ts";
import { OWNER, sweepAbandoned, TEMPORARY } from "./sweep.ts";

export interface StartOptions {
  /** A folder that stays, with the ports of the settings; servers up in it are used and left up. */
  readonly data?: string;
  /** `kafka`, `cassandra`, `redis`, `s3`, `kafka-2`; all where absent. */
  readonly which?: readonly string[];
  readonly brokers?: 1 | 3;
  /** Any free ports, also with a data folder. */
  readonly ports?: 0;
  /** Each line of progress; default: to stderr. */
  readonly say?: (line: string) => void;
  readonly signal?: AbortSignal;
  /** The settings, TANDEM_SERVERS_…; default: this process' environment. */
  readonly env?: Environment;
}

export interface RunningServers {
  /** KAFKA_BOOTSTRAP, REDIS_URL and so on, of the servers named. */
  readonly env: EnvValues;
  readonly data: string;
  /** SIGKILL; gone on return. Names as in `which`. */
  kill(...names: string[]): Promise<void>;
  freeze(...names: string[]): Promise<void>;
  thaw(...names: string[]): Promise<void>;
  /** Starts what is down, with the data and the port it had; resolves when it answers. */
  start(...names: string[]): Promise<void>;
  /** What `startServers` started; or those named. */
  stop(...names: string[]): Promise<void>;
}

export const sayToStderr = (line: string): void => {
  process.stderr.write(`servers: ${line}\n`);
};

const never = (): AbortSignal => new AbortController().signal;

export async function startServers(options: StartOptions = {}): Promise<RunningServers> {
  const { which = [], say = sayToStderr } = options;
  const progress: Progress = { say, signal: options.signal ?? never() };
  const temporary = options.data === undefined;
  const settings = settingsOf(options);
  if (!temporary) {
    const before = runningNames(settings);
    const stopOurs = async (): Promise<void> => {
      const ours = runningNames(settings).filter((name) => !before.includes(name));
      if (ours.length > 0) await down(settings, ours, { say, signal: never() });
    };
    try {
      await up(settings, which, progress);
    } catch (error) {
      await stopOurs();
      throw error;
    }
    return handle(settings, which, progress, stopOurs);
  }
  await sweepAbandoned(tmpdir(), say);
  const self = identify(process.pid);
  if (self !== undefined) writePidFile(settings.data, OWNER, self);
  const { run } = foldersOf(settings.data);
  const onExit = (): void => {
    killNow(run);
    try {
      rmSync(settings.data, { recursive: true, force: true, maxRetries: 5 });
    } catch {
      // A dying server still wrote: the next such start removes the rest.
    }
  };
  process.once("exit", onExit);
  // Nobody wants this data any more, so nobody waits for it to be written in order.
  const stop = async (): Promise<void> => {
    await killAll(run);
    process.off("exit", onExit);
    await rm(settings.data, { recursive: true, force: true, maxRetries: 5 });
  };
  try {
    await up(settings, which, progress);
  } catch (error) {
    await stop();
    throw error;
  }
  return handle(settings, which, progress, stop);
}

function runningNames({ data }: Settings): string[] {
  const { run } = foldersOf(data);
  return pidFileNames(run).filter((name) => runningProcess(run, name) !== undefined);
}

/** The servers that are up in a data folder, for a drill on what `up` started. */
export function openServers(
  data: string,
  options: Omit<StartOptions, "data"> = {},
): RunningServers {
  const settings = settingsOf({ ...options, data });
  const { which = [], say = sayToStderr } = options;
  const progress: Progress = { say, signal: options.signal ?? never() };
  return handle(settings, which, progress, () => Promise.resolve());
}

function settingsOf(options: StartOptions): Settings {
  const asked = readSettings(options.env ?? process.env);
  const temporary = options.data === undefined;
  const data = resolve(options.data ?? mkdtempSync(join(tmpdir(), TEMPORARY)));
  const any = temporary || options.ports === 0;
  const ports = any
    ? (Object.fromEntries(Object.keys(asked.ports).map((name) => [name, 0])) as typeof asked.ports)
    : asked.ports;
  return { ...asked, data, ports, brokers: options.brokers ?? asked.brokers };
}

function handle(
  settings: Settings,
  which: readonly string[],
  progress: Progress,
  stopAll: () => Promise<void>,
): RunningServers {
  const folders = foldersOf(settings.data);
  const plan = readPlan(folders);
  if (plan === undefined) {
    throw new ServersFailure(`there are no servers in ${settings.data}: start them first`);
  }
  const servers = serversOf({ settings, folders, plan }, which).map((server) => server.name);
  return {
    env: envValues(plan, servers),
    data: settings.data,
    kill: async (...names) => void (await drill(folders, names, "kill")),
    freeze: async (...names) => void (await drill(folders, names, "freeze")),
    thaw: async (...names) => void (await drill(folders, names, "thaw")),
    start: async (...names) =>
      void (await up(settings, names.length > 0 ? names : which, progress)),
    stop: (...names) =>
      names.length > 0 ? down(settings, names, { say: progress.say, signal: never() }) : stopAll(),
  };
}
