// One owner process per data directory. Locks are files `lock.N` whose highest N counts: it is made by
// link(2), so exactly one of those who found N − 1 free or dead gets N, and the highest one is never
// removed, only marked as released, so that no late comer can begin again at a number already used.
// Separate machines, or containers with process tables of their own, that share a volume are not told
// apart: a directory belongs to one of them.
import { TandemError } from "@tandem/shared-logic";
import { checkFormat } from "./directory-format.ts";
import { makeFolder } from "./files/durable-folders.ts";
import { orFail } from "./files/file-failure.ts";
import { type FileLayer, isFileError } from "./files/file-layer.ts";
import { nodeFiles } from "./files/node-files.ts";
import { readFile, removeFile, writeNew } from "./files/whole-file.ts";
import { type Processes, type ProcessIdentity, systemProcesses } from "./process-identity.ts";

export interface DirectoryLockOptions {
  readonly files?: FileLayer;
  readonly processes?: Processes;
}

interface LockFile extends ProcessIdentity {
  readonly released?: boolean;
}

const lockPath = (folder: string, n: number): string => `${folder}/lock.${n}`;
const lockBytes = (lock: LockFile): Uint8Array =>
  new TextEncoder().encode(`${JSON.stringify(lock)}\n`);

export class DirectoryLock {
  private readonly files: FileLayer;
  private readonly path: string;
  private readonly owner: ProcessIdentity;

  private constructor(files: FileLayer, path: string, owner: ProcessIdentity) {
    this.files = files;
    this.path = path;
    this.owner = owner;
  }

  /** Makes the directory where there is none. Throws `directory_locked`, `format_version`, `directory_unsafe`. */
  static take(folder: string, options: DirectoryLockOptions = {}): Promise<DirectoryLock> {
    const { files = nodeFiles, processes = systemProcesses } = options;
    return orFail("directory_unsafe", folder, async () => {
      await makeFolder(files, folder);
      const owner = await processes.self();
      const mine = `${folder}/lock~${owner.pid}-${crypto.randomUUID()}`;
      await writeNew(files, mine, lockBytes(owner));
      try {
        const path = await takeNext(files, processes, folder, mine);
        await files.syncDirectory(folder);
        const lock = new DirectoryLock(files, path, owner);
        await checkFormat(files, folder).catch(async (error: unknown) => {
          await lock.release();
          throw error;
        });
        return lock;
      } finally {
        await removeFile(files, mine);
      }
    });
  }

  /** The directory is free for the next one. */
  async release(): Promise<void> {
    const tmp = `${this.path}~`;
    await removeFile(this.files, tmp);
    await writeNew(this.files, tmp, lockBytes({ ...this.owner, released: true }));
    await this.files.rename(tmp, this.path);
  }
}

async function takeNext(
  files: FileLayer,
  processes: Processes,
  folder: string,
  mine: string,
): Promise<string> {
  for (;;) {
    const numbers = await lockNumbers(files, folder);
    const highest = Math.max(0, ...numbers);
    if (highest > 0) {
      const bytes = await readFile(files, lockPath(folder, highest));
      // Whoever removed it has a higher one.
      if (bytes === undefined) continue;
      const holder = parse(bytes);
      if (holder !== undefined && !holder.released && (await processes.isAlive(holder))) {
        throw locked(folder, holder.pid);
      }
    }
    const next = lockPath(folder, highest + 1);
    try {
      await files.link(mine, next);
    } catch (error) {
      if (isFileError(error, "EEXIST")) continue;
      throw error;
    }
    // A number seen long ago may have been taken, released and removed since: then a higher one exists.
    if (Math.max(...(await lockNumbers(files, folder))) > highest + 1) {
      await removeFile(files, next);
      continue;
    }
    for (const n of numbers) await removeFile(files, lockPath(folder, n));
    return next;
  }
}

async function lockNumbers(files: FileLayer, folder: string): Promise<number[]> {
  const entries = await files.readdir(folder);
  return entries.filter((e) => /^lock\.\d+$/.test(e.name)).map((e) => Number(e.name.slice(5)));
}

/** A lock is synced before it is linked; one that cannot be read is no running process's. */
function parse(bytes: Uint8Array): LockFile | undefined {
  try {
    const lock = JSON.parse(new TextDecoder().decode(bytes)) as LockFile;
    return Number.isInteger(lock.pid) ? lock : undefined;
  } catch {
    return undefined;
  }
}

function locked(folder: string, pid: number): TandemError {
  return new TandemError("directory_locked", {
    message: `${folder} belongs to the running process ${pid}. Stop that process, ask it over its operations port, or use another directory.`,
    details: { folder, pid },
  });
}
