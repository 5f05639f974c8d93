// The file layer on the operating system's files. `sync` is fdatasync: data and size, not times. On Linux
// a synced write is one call (O_DSYNC), and of whole blocks one past the page cache (O_DIRECT): nothing is copied there, and no
// page has to be found and cleaned by the sync. Elsewhere the first flag may stop at the drive's cache.
import { constants } from "node:fs";
import {
  type FileHandle,
  link,
  mkdir,
  open,
  readdir,
  rename,
  stat,
  unlink,
} from "node:fs/promises";
import {
  type FileLayer,
  isFileError,
  isSynced,
  type OpenFile,
  type OpenMode,
  syncingWrites,
  unsynced,
} from "./file-layer.ts";

async function writeAll(handle: FileHandle, at: number, bytes: Uint8Array): Promise<void> {
  for (let done = 0; done < bytes.length; ) {
    const { bytesWritten } = await handle.write(bytes, done, bytes.length - done, at + done);
    done += bytesWritten;
  }
}

function openFile(handle: FileHandle): OpenFile {
  return {
    write: (at, bytes) => writeAll(handle, at, bytes),
    async read(at, lengthBytes) {
      const bytes = Buffer.allocUnsafeSlow(lengthBytes);
      let done = 0;
      while (done < lengthBytes) {
        const { bytesRead } = await handle.read(bytes, done, lengthBytes - done, at + done);
        if (bytesRead === 0) break;
        done += bytesRead;
      }
      return new Uint8Array(bytes.buffer, 0, done);
    },
    sizeBytes: async () => (await handle.stat()).size,
    truncate: (sizeBytes) => handle.truncate(sizeBytes),
    sync: () => handle.datasync(),
    close: () => handle.close(),
  };
}

const UPDATE = constants.O_RDWR;
const CREATE = constants.O_RDWR | constants.O_CREAT | constants.O_EXCL;
const FLAGS: Readonly<Record<OpenMode, number>> = {
  read: constants.O_RDONLY,
  update: UPDATE,
  create: CREATE,
  "update-synced": UPDATE | constants.O_DSYNC,
  "create-synced": CREATE | constants.O_DSYNC,
};
const DIRECT = UPDATE | constants.O_DSYNC | constants.O_DIRECT;
const SYNCED_IN_ONE = process.platform === "linux";
/** Of a file system, and at least a disk's: these bytes are a whole number of those. */
const BLOCK_BYTES = SYNCED_IN_ONE ? 4096 : 1;

/** Undefined where the file system does not take it. */
async function openDirect(path: string): Promise<FileHandle | undefined> {
  try {
    return await open(path, DIRECT);
  } catch (error) {
    if (isFileError(error, "EINVAL", "ENOTSUP")) return undefined;
    throw error;
  }
}

async function openSynced(path: string, flags: number): Promise<OpenFile> {
  const handle = await open(path, flags);
  const file = openFile(handle);
  let direct: FileHandle | undefined;
  const close = async (): Promise<void> => {
    await handle.close();
    await direct?.close();
  };
  try {
    direct = await openDirect(path);
  } catch (error) {
    await close();
    throw error;
  }
  let taken = true;
  return {
    ...file,
    async write(at, bytes) {
      if (direct && taken && at % BLOCK_BYTES === 0 && bytes.length % BLOCK_BYTES === 0) {
        try {
          return await writeAll(direct, at, bytes);
        } catch (error) {
          // Larger blocks than ours, or memory elsewhere in its pages: nothing was written.
          if (!isFileError(error, "EINVAL")) throw error;
          taken = false;
        }
      }
      return file.write(at, bytes);
    },
    close,
  };
}

export const nodeFiles: FileLayer = {
  blockBytes: BLOCK_BYTES,
  async open(path, mode) {
    if (!isSynced(mode)) return openFile(await open(path, FLAGS[mode]));
    if (SYNCED_IN_ONE) return openSynced(path, FLAGS[mode]);
    return syncingWrites(openFile(await open(path, FLAGS[unsynced(mode)])));
  },
  async stat(path) {
    try {
      const found = await stat(path);
      return { kind: found.isDirectory() ? "folder" : "file", sizeBytes: found.size };
    } catch (error) {
      if (isFileError(error, "ENOENT", "ENOTDIR")) return undefined;
      throw error;
    }
  },
  async mkdir(path) {
    try {
      await mkdir(path);
    } catch (error) {
      if (!isFileError(error, "EEXIST")) throw error;
    }
  },
  async readdir(path) {
    const entries = await readdir(path, { withFileTypes: true });
    return entries.map((e) => ({ name: e.name, kind: e.isDirectory() ? "folder" : "file" }));
  },
  rename: (from, to) => rename(from, to),
  link: (existing, path) => link(existing, path),
  unlink: (path) => unlink(path),
  async syncDirectory(path) {
    const handle = await open(path, "r");
    try {
      await handle.sync();
    } finally {
      await handle.close();
    }
  },
};
