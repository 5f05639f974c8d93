// The file layer on the operating system's files. `sync` is fdatasync: data and size, not times. On Linux
// a synced write is one call (O_DSYNC); elsewhere that flag may stop at the drive's cache.
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

function openFile(handle: FileHandle): OpenFile {
  return {
    async write(at, bytes) {
      for (let done = 0; done < bytes.length; ) {
        const { bytesWritten } = await handle.write(bytes, done, bytes.length - done, at + done);
        done += bytesWritten;
      }
    },
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
const SYNCED_IN_ONE = process.platform === "linux";

export const nodeFiles: FileLayer = {
  async open(path, mode) {
    if (!isSynced(mode) || SYNCED_IN_ONE) return openFile(await open(path, FLAGS[mode]));
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
