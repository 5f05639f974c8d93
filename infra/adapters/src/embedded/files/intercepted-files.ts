// Another file layer with something around each operation, for tests that fail, stop, count or cheat:
// `around` decides whether the operation happens, before or after what, and may throw.
import { type FileLayer, isSynced, type OpenFile, syncingWrites, unsynced } from "./file-layer.ts";

export type FileOperation = keyof FileLayer | Exclude<keyof OpenFile, "close">;

/** `apply` does the operation; `partly`, given for writes only, writes a prefix of that length. */
export type Around = <T>(
  operation: FileOperation,
  path: string,
  apply: () => Promise<T>,
  partly: ((lengthBytes: number) => Promise<void>) | undefined,
) => Promise<T>;

export function interceptedFiles(files: FileLayer, around: Around): FileLayer {
  const plain = <T>(operation: FileOperation, path: string, apply: () => Promise<T>): Promise<T> =>
    around(operation, path, apply, undefined);
  const wrap = (path: string, file: OpenFile): OpenFile => ({
    write: (at, bytes) =>
      around(
        "write",
        path,
        () => file.write(at, bytes),
        (lengthBytes) => file.write(at, bytes.subarray(0, lengthBytes)),
      ),
    read: (at, lengthBytes) => plain("read", path, () => file.read(at, lengthBytes)),
    sizeBytes: () => plain("sizeBytes", path, () => file.sizeBytes()),
    truncate: (sizeBytes) => plain("truncate", path, () => file.truncate(sizeBytes)),
    sync: () => plain("sync", path, () => file.sync()),
    close: () => file.close(),
  });
  return {
    blockBytes: files.blockBytes,
    // A synced write is seen as the two operations that it stands for.
    open: async (path, mode) => {
      const file = wrap(path, await plain("open", path, () => files.open(path, unsynced(mode))));
      return isSynced(mode) ? syncingWrites(file) : file;
    },
    stat: (path) => plain("stat", path, () => files.stat(path)),
    mkdir: (path) => plain("mkdir", path, () => files.mkdir(path)),
    readdir: (path) => plain("readdir", path, () => files.readdir(path)),
    rename: (from, to) => plain("rename", to, () => files.rename(from, to)),
    link: (existing, path) => plain("link", path, () => files.link(existing, path)),
    unlink: (path) => plain("unlink", path, () => files.unlink(path)),
    syncDirectory: (path) => plain("syncDirectory", path, () => files.syncDirectory(path)),
  };
}
