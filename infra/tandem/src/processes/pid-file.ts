// Which process runs under a name: a file beside its log, with what tells it from another process that
// got the same number later.
import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type ProcessIdentity, systemProcesses } from "@tandem/adapters/embedded";

export interface RunningFile extends ProcessIdentity {
  readonly operationsPort: number;
}

const EXTENSION = ".pid.json";
const pidPath = (folder: string, name: string): string => join(folder, name + EXTENSION);
export const logPath = (folder: string, name: string): string => join(folder, `${name}.log`);

export async function writePid(folder: string, name: string, file: RunningFile): Promise<void> {
  await mkdir(folder, { recursive: true });
  await writeFile(pidPath(folder, name), `${JSON.stringify(file)}\n`);
}

export const removePid = (folder: string, name: string): Promise<void> =>
  rm(pidPath(folder, name), { force: true });

/** Undefined where nothing of that name runs. */
export async function runningOf(folder: string, name: string): Promise<RunningFile | undefined> {
  try {
    const file = JSON.parse(await readFile(pidPath(folder, name), "utf8")) as RunningFile;
    return (await systemProcesses.isAlive(file)) ? file : undefined;
  } catch {
    return undefined;
  }
}

/** Names that were started here and not stopped, running or not. */
export async function startedNames(folder: string): Promise<string[]> {
  const entries = await readdir(folder).catch(() => []);
  return entries
    .filter((entry) => entry.endsWith(EXTENSION))
    .map((entry) => entry.slice(0, -EXTENSION.length))
    .sort();
}
