// Which process is the server NAME of a data folder: a file with its pid, boot and start time. Whatever
// else has that pid by now, or a file that cannot be read, means that there is none.
import { readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { isAlive, type ProcessIdentity } from "./identity.ts";

const pidFile = (runFolder: string, name: string): string => join(runFolder, `${name}.pid`);

export function writePidFile(runFolder: string, name: string, process: ProcessIdentity): void {
  const path = pidFile(runFolder, name);
  writeFileSync(`${path}~`, `${process.pid} ${process.born}\n`);
  renameSync(`${path}~`, path);
}

/** The process of the file, if it still runs. */
export function runningProcess(runFolder: string, name: string): ProcessIdentity | undefined {
  let text: string;
  try {
    text = readFileSync(pidFile(runFolder, name), "utf8");
  } catch {
    return undefined;
  }
  const match = /^([1-9]\d*) (.+)\n$/.exec(text);
  if (match?.[1] === undefined || match[2] === undefined) return undefined;
  const process = { pid: Number(match[1]), born: match[2] };
  return isAlive(process) ? process : undefined;
}

export function removePidFile(runFolder: string, name: string): void {
  rmSync(pidFile(runFolder, name), { force: true });
}

/** The names that have a pid file, running or not. */
export function pidFileNames(runFolder: string): string[] {
  try {
    return readdirSync(runFolder)
      .filter((file) => file.endsWith(".pid"))
      .map((file) => file.slice(0, -".pid".length))
      .sort();
  } catch {
    return [];
  }
}
