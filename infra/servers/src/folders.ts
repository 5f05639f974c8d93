// Where a set of servers keeps what: everything under one data folder, so that two sets never meet and
// removing the folder removes all of it.
import { mkdirSync } from "node:fs";
import { join } from "node:path";

export interface Folders {
  readonly data: string;
  /** Pid files, the plan and the lock. */
  readonly run: string;
  readonly logs: string;
  /** Configuration files as the servers read them; written anew at each start. */
  readonly conf: string;
}

export function foldersOf(data: string): Folders {
  return { data, run: join(data, "run"), logs: join(data, "logs"), conf: join(data, "conf") };
}

/** The data folder is for its owner alone: it holds keys, and whatever the servers are given. */
export function makeFolders(folders: Folders): void {
  mkdirSync(folders.data, { recursive: true, mode: 0o700 });
  for (const folder of [folders.run, folders.logs, folders.conf]) {
    mkdirSync(folder, { recursive: true });
  }
}

export const logOf = (folders: Folders, name: string): string => join(folders.logs, `${name}.log`);
