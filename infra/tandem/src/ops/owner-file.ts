// Where the process that owns a data directory can be asked: its operations port and a token that only
// the directory's owner can read.
import { readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";

export interface Owner {
  readonly pid: number;
  readonly port: number;
  readonly token: string;
}

const path = (dataDir: string): string => join(dataDir, "owner.json");

export const writeOwner = (dataDir: string, owner: Owner): Promise<void> =>
  writeFile(path(dataDir), JSON.stringify(owner), { mode: 0o600 });

export const removeOwner = (dataDir: string): Promise<void> => rm(path(dataDir), { force: true });

export async function readOwner(dataDir: string): Promise<Owner | undefined> {
  try {
    return JSON.parse(await readFile(path(dataDir), "utf8")) as Owner;
  } catch {
    return undefined;
  }
}
