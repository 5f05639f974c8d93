// Files that are written and replaced whole: a reader, also one after a power cut, sees the old bytes
// or the new ones. tmp file, fsync, rename, fsync of the folder.
import { type FileLayer, isFileError } from "./file-layer.ts";

/** The folder part of a path. */
export function folderOf(path: string): string {
  const slash = path.lastIndexOf("/");
  return slash > 0 ? path.slice(0, slash) : slash === 0 ? "/" : ".";
}

/** Writes and syncs a file that must not exist; its name is not yet durable. */
export async function writeNew(files: FileLayer, path: string, bytes: Uint8Array): Promise<void> {
  const file = await files.open(path, "create");
  try {
    await file.write(0, bytes);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** `tmp` must lie in the same file system, and be used by nobody else meanwhile. */
export async function replaceFile(
  files: FileLayer,
  path: string,
  bytes: Uint8Array,
  tmp: string,
): Promise<void> {
  await removeFile(files, tmp);
  await writeNew(files, tmp, bytes);
  await files.rename(tmp, path);
  await files.syncDirectory(folderOf(path));
}

/** The bytes of a file, or undefined where there is none. */
export async function readFile(files: FileLayer, path: string): Promise<Uint8Array | undefined> {
  try {
    const file = await files.open(path, "read");
    try {
      return await file.read(0, await file.sizeBytes());
    } finally {
      await file.close();
    }
  } catch (error) {
    if (isFileError(error, "ENOENT", "ENOTDIR")) return undefined;
    throw error;
  }
}

/** Nothing to remove is fine. */
export async function removeFile(files: FileLayer, path: string): Promise<void> {
  try {
    await files.unlink(path);
  } catch (error) {
    if (!isFileError(error, "ENOENT", "ENOTDIR")) throw error;
  }
}
