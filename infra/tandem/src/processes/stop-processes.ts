// Stops what was started here and nothing else: collectors first, so that no event comes while the others
// finish; SIGTERM, and SIGKILL for whoever does not end in time.
import { setTimeout as pause } from "node:timers/promises";
import { removePid, runningOf, startedNames } from "./pid-file.ts";

export interface StopOptions {
  readonly folder: string;
  /** A process has this long to end in order. Default 12,000. */
  readonly stopMs?: number;
  readonly say: (line: string) => void;
}

const LOOK_MS = 50;

/** False where one had to be killed. */
export async function stopProcesses(o: StopOptions): Promise<boolean> {
  const names = await startedNames(o.folder);
  const first = names.filter((name) => name.startsWith("collect-"));
  const rest = names.filter((name) => !first.includes(name));
  const stopped = [...(await stopAll(first, o)), ...(await stopAll(rest, o))];
  return stopped.every(Boolean);
}

const stopAll = (names: readonly string[], o: StopOptions): Promise<boolean[]> =>
  Promise.all(names.map((name) => stopOne(name, o)));

async function stopOne(name: string, o: StopOptions): Promise<boolean> {
  const began = performance.now();
  const running = await runningOf(o.folder, name);
  let inOrder = true;
  if (running) {
    signal(running.pid, "SIGTERM");
    const until = began + (o.stopMs ?? 12_000);
    let lives = true;
    while (lives && performance.now() < until) {
      await pause(LOOK_MS);
      lives = (await runningOf(o.folder, name)) !== undefined;
    }
    if (lives) {
      inOrder = false;
      signal(running.pid, "SIGKILL");
      while (await runningOf(o.folder, name)) await pause(LOOK_MS);
    }
  }
  await removePid(o.folder, name);
  const tookMs = Math.round(performance.now() - began);
  o.say(
    !running ? `${name} did not run` : `${name} ${inOrder ? "stopped" : "KILLED"} (${tookMs} ms)`,
  );
  return inOrder;
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch {
    // It ended meanwhile.
  }
}
