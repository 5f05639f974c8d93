// A set of servers in one data folder: up, down, install, status. Every change is made under the folder's lock,
// so that two at once take turns; every step can be repeated.
import { existsSync } from "node:fs";
import { messageOf, ServersFailure } from "./failure.ts";
import { type Folders, foldersOf, makeFolders } from "./folders.ts";
import { keepClassArchive } from "./kinds/class-archive.ts";
import { checkNames, isNamed, serversOf } from "./known-servers.ts";
import { makePlan, writePlan } from "./plan.ts";
import { locked } from "./process/lock.ts";
import { pidFileNames, runningProcess } from "./process/pid-file.ts";
import { killProcess, pauseProcess, stopProcess } from "./process/signals.ts";
import type { Progress, Server } from "./server.ts";
import type { Settings } from "./settings.ts";
import { checkPorts, startOne } from "./start-one.ts";

/** Brokers that stop together lose their quorum, and the last cannot hand over: no use in waiting longer. */
const PATIENCE_MS = 15_000;

/** Fetches what is missing, starts what is down, and resolves when all named ones answer. */
export async function up(
  settings: Settings,
  names: readonly string[],
  progress: Progress,
): Promise<void> {
  const folders = foldersOf(settings.data);
  makeFolders(folders);
  await locked(folders.run, "set", progress, async () => {
    const plan = await makePlan(settings, folders);
    const surroundings = { settings, folders, plan };
    const servers = serversOf(surroundings, names);
    await checkPorts(servers, folders);
    await fetchAll(servers, progress);
    writePlan(folders, plan);
    await all(servers, async (server) => {
      await startOne(server, surroundings, progress);
    });
  });
}

export async function install(
  settings: Settings,
  names: readonly string[],
  progress: Progress,
): Promise<void> {
  const folders = foldersOf(settings.data);
  const plan = await makePlan(settings, folders);
  await fetchAll(serversOf({ settings, folders, plan }, names), progress);
}

/** The first failure ends the other fetches: nobody waits a minute for a compiler to hear that Maven is missing. */
async function fetchAll(servers: readonly Server[], progress: Progress): Promise<void> {
  const failed = new AbortController();
  const signal = AbortSignal.any([progress.signal, failed.signal]);
  await all(servers, async (server) => {
    try {
      await server.fetch({ ...progress, signal });
    } catch (error) {
      failed.abort(error);
      throw error;
    }
  });
}

/** Waits for every one, then throws what failed: one message each, the same one once. */
async function all(
  servers: readonly Server[],
  work: (server: Server) => Promise<void>,
): Promise<void> {
  const results = await Promise.allSettled(servers.map(work));
  const reasons: unknown[] = results.flatMap((r) => (r.status === "rejected" ? [r.reason] : []));
  const bug = reasons.find((reason) => !(reason instanceof ServersFailure));
  if (bug !== undefined) throw bug;
  const messages = new Set(reasons.map(messageOf));
  if (messages.size > 0) throw new ServersFailure([...messages].join("\n"));
}

/** By pid file, so that servers of former settings stop too. Resolves when they are gone. */
export async function down(
  settings: Settings,
  names: readonly string[],
  progress: Progress,
): Promise<void> {
  const folders = foldersOf(settings.data);
  if (!existsSync(folders.run)) return;
  await locked(folders.run, "set", progress, async () => {
    const servers = pidFileNames(folders.run);
    checkNames(names, servers);
    const stop = async (name: string): Promise<void> => {
      const ending = await stopProcess(folders.run, name, PATIENCE_MS);
      keepClassArchive(folders, settings.cache, name, ending === "stopped");
      if (ending === "killed") progress.say(`${name} killed, it ignored SIGTERM`);
      else if (ending === "stopped") progress.say(`${name} stopped`);
    };
    await Promise.all(servers.filter((name) => isNamed(name, names)).map(stop));
  });
}

export type Drill = "kill" | "freeze" | "thaw";

/** SIGKILL, SIGSTOP or SIGCONT to each named server; the names of those hit. A killed one is gone on return. */
export async function drill(
  folders: Folders,
  names: readonly string[],
  what: Drill,
): Promise<string[]> {
  const running = pidFileNames(folders.run).filter((name) => runningProcess(folders.run, name));
  const hit = running.filter((name) => isNamed(name, names));
  const missed = names.find((name) => !hit.some((server) => isNamed(server, [name])));
  if (missed !== undefined || hit.length === 0) {
    throw new ServersFailure(`${missed ?? "nothing"} is not running in ${folders.data}`);
  }
  for (const name of hit) {
    if (what === "kill") await killProcess(folders.run, name);
    else pauseProcess(folders.run, name, what === "freeze" ? "SIGSTOP" : "SIGCONT");
  }
  return hit;
}
