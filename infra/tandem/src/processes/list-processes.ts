// What runs, on which operations port, and whether it is ready; and the ends of their logs.
import { join } from "node:path";
import { lastLines } from "./last-lines.ts";
import { logPath, runningOf, startedNames } from "./pid-file.ts";
import type { PlannedProcess } from "./planned-processes.ts";
import { readiness } from "./readiness.ts";

/** A line each; false where one is down or not ready. */
export async function listProcesses(
  planned: readonly PlannedProcess[],
  folder: string,
  say: (line: string) => void,
): Promise<boolean> {
  const names = new Set([...planned.map((one) => one.name), ...(await startedNames(folder))]);
  let well = true;
  for (const name of names) {
    const running = await runningOf(folder, name);
    const state = running ? ((await readiness(running.operationsPort)) ?? "no answer") : "down";
    well &&= state === "ok";
    const where = running
      ? `  pid ${running.pid}  operations 127.0.0.1:${running.operationsPort}`
      : "";
    say(`${name.padEnd(14)} ${state === "ok" ? "ready" : state}${where}`);
  }
  return well;
}

export async function showLogs(
  planned: readonly PlannedProcess[],
  folder: string,
  count: number,
  say: (line: string) => void,
): Promise<void> {
  const names = new Set([...planned.map((one) => one.name), ...(await startedNames(folder))]);
  for (const name of names) {
    say(`==> ${join(folder, `${name}.log`)} <==`);
    for (const line of await lastLines(logPath(folder, name), count)) say(line);
  }
}
