// One at a time, across processes: `up` beside `up` takes turns. Locks are files NAME.lock.N whose highest
// N counts. It is made by link(2), so exactly one of those who found N − 1 free or its holder dead gets N,
// and the highest is only ever marked as released: nobody can take over a lock that was just taken over.
import { linkSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Progress } from "../server.ts";
import { identify, isAlive, type ProcessIdentity } from "./identity.ts";

interface LockFile extends ProcessIdentity {
  readonly released?: boolean;
}

/** Does the work while nobody else, in this process or another, does work under the same lock. */
export async function locked<T>(
  folder: string,
  name: string,
  progress: Progress,
  work: () => Promise<T>,
): Promise<T> {
  const self = identify(process.pid);
  if (self === undefined) throw new Error("this process cannot be found in the process table");
  const mine = join(folder, `${name}.lock~${process.pid}-${crypto.randomUUID()}`);
  writeFileSync(mine, JSON.stringify(self));
  let lock: string;
  try {
    lock = await take(folder, `${name}.lock.`, mine, progress);
  } finally {
    rmSync(mine, { force: true });
  }
  try {
    return await work();
  } finally {
    writeFileSync(mine, JSON.stringify({ ...self, released: true }));
    renameSync(mine, lock);
  }
}

async function take(
  folder: string,
  prefix: string,
  mine: string,
  progress: Progress,
): Promise<string> {
  const numbers = (): number[] =>
    readdirSync(folder)
      .filter((file) => file.startsWith(prefix) && /^\d+$/.test(file.slice(prefix.length)))
      .map((file) => Number(file.slice(prefix.length)));
  const path = (n: number): string => join(folder, `${prefix}${n}`);
  for (let waits = 0; ; ) {
    progress.signal.throwIfAborted();
    const found = numbers();
    const highest = Math.max(0, ...found);
    const holder = highest === 0 ? undefined : read(path(highest));
    if (holder !== undefined && !holder.released && isAlive(holder)) {
      if (waits++ === 10 && holder.pid !== process.pid) {
        progress.say(`waiting for process ${holder.pid}, which works in ${folder}`);
      }
      await sleep(100);
      continue;
    }
    const next = highest + 1;
    try {
      linkSync(mine, path(next));
    } catch (error) {
      if (error instanceof Error && "code" in error && error.code === "EEXIST") continue;
      throw error;
    }
    // A number seen long ago may have been taken, released and removed since: then a higher one exists.
    if (Math.max(...numbers()) > next) {
      rmSync(path(next), { force: true });
      continue;
    }
    for (const n of found) rmSync(path(n), { force: true });
    return path(next);
  }
}

/** A lock is whole before it is linked; one that cannot be read is no running process's. */
function read(path: string): LockFile | undefined {
  try {
    return JSON.parse(readFileSync(path, "utf8")) as LockFile;
  } catch {
    return undefined;
  }
}
