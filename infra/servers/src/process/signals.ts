// Signals to a server of a data folder, always through its pid file: a foreign process is never hit. Stop is
// SIGTERM, then SIGKILL after a time; a frozen process is thawed first, else it would not hear either.
import { setTimeout as sleep } from "node:timers/promises";
import { isAlive, type ProcessIdentity } from "./identity.ts";
import { pidFileNames, removePidFile, runningProcess } from "./pid-file.ts";

export type Ending = "was down" | "stopped" | "killed";

const POLL_MS = 20;

function send(process_: ProcessIdentity, signal: NodeJS.Signals): void {
  if (!isAlive(process_)) return;
  try {
    process.kill(process_.pid, signal);
  } catch (error) {
    // It ended in between.
    if (!(error instanceof Error && "code" in error && error.code === "ESRCH")) throw error;
  }
}

async function gone(process_: ProcessIdentity, withinMs: number): Promise<boolean> {
  const until = performance.now() + withinMs;
  while (isAlive(process_)) {
    if (performance.now() > until) return false;
    await sleep(POLL_MS);
  }
  return true;
}

/** Resolves when it is gone. */
export async function stopProcess(
  runFolder: string,
  name: string,
  patienceMs: number,
): Promise<Ending> {
  const process_ = runningProcess(runFolder, name);
  let ending: Ending = "was down";
  if (process_ !== undefined) {
    send(process_, "SIGTERM");
    send(process_, "SIGCONT");
    ending = (await gone(process_, patienceMs)) ? "stopped" : await killProcess(runFolder, name);
  }
  removePidFile(runFolder, name);
  return ending;
}

/** SIGKILL; resolves when it is gone. The pid file stays: the server counts as down, not as stopped. */
export async function killProcess(runFolder: string, name: string): Promise<Ending> {
  const process_ = runningProcess(runFolder, name);
  if (process_ === undefined) return "was down";
  send(process_, "SIGKILL");
  if (await gone(process_, 10_000)) return "killed";
  throw new Error(`process ${process_.pid} (${name}) is still there 10 s after SIGKILL`);
}

/** SIGKILL to every server of the folder, without waiting; for a process that is about to end itself. */
export function killNow(runFolder: string): void {
  for (const name of pidFileNames(runFolder)) {
    const process_ = runningProcess(runFolder, name);
    if (process_ !== undefined) send(process_, "SIGKILL");
  }
}

/** SIGKILL to every server of the folder; resolves when they are gone. */
export async function killAll(runFolder: string): Promise<void> {
  await Promise.all(pidFileNames(runFolder).map((name) => killProcess(runFolder, name)));
}

/** SIGSTOP and SIGCONT; false where the server is down. */
export function pauseProcess(
  runFolder: string,
  name: string,
  signal: "SIGSTOP" | "SIGCONT",
): boolean {
  const process_ = runningProcess(runFolder, name);
  if (process_ !== undefined) send(process_, signal);
  return process_ !== undefined;
}
