// The files below a folder as `/`-separated keys in byte order, as an object store lists them: a folder
// sorts by its name with the slash behind it, and what cannot match is not entered.
import { type FileLayer, type FolderEntry, isFileError } from "./file-layer.ts";

/** Keys start with `prefix` and lie strictly after `after`. Files with `~` in their name are not shown. */
export async function* walk(
  files: FileLayer,
  root: string,
  prefix: string,
  after = "",
  inside = "",
): AsyncGenerator<string> {
  let entries: readonly FolderEntry[];
  try {
    entries = await files.readdir(`${root}/${inside}`);
  } catch (error) {
    if (isFileError(error, "ENOENT", "ENOTDIR")) return;
    throw error;
  }
  const keys = entries
    .filter((e) => !e.name.includes("~"))
    .map((e) => inside + e.name + (e.kind === "folder" ? "/" : ""))
    .sort((a, b) => (a < b ? -1 : 1));
  for (const key of keys) {
    if (key.endsWith("/")) {
      const mayMatch = key.startsWith(prefix) || prefix.startsWith(key);
      const allBefore = key < after && !after.startsWith(key);
      if (mayMatch && !allBefore) yield* walk(files, root, prefix, after, key);
    } else if (key.startsWith(prefix) && key > after) yield key;
  }
}

/** A key or name whose parts are not empty, not dots alone, and of the letters that ports allow. */
export function checkKey(key: string): void {
  const parts = key.split("/");
  if (!parts.every((p) => /^[A-Za-z0-9._=@-]+$/.test(p) && p !== "." && p !== "..")) {
    throw new RangeError(`${JSON.stringify(key)} is no key`);
  }
}
