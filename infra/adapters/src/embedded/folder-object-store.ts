// ObjectStore over a folder; an object's key is its path. Put-if-absent is link(2), which never
// replaces: the bytes are synced before they get their name, and the name before `putIfAbsent` resolves.
import { type ObjectStore, type StoredObject, TandemError } from "@tandem/shared-logic";
import { DurableFolders, makeFolder } from "./files/durable-folders.ts";
import { orFail } from "./files/file-failure.ts";
import { type FileLayer, isFileError } from "./files/file-layer.ts";
import { nodeFiles } from "./files/node-files.ts";
import { TmpFolder } from "./files/tmp-folder.ts";
import { checkKey, walk } from "./files/walk.ts";
import { folderOf, readFile, removeFile } from "./files/whole-file.ts";

export class FolderObjectStore implements ObjectStore {
  private readonly files: FileLayer;
  private readonly root: string;
  private readonly folders: DurableFolders;
  private readonly tmp: TmpFolder;

  private constructor(files: FileLayer, root: string, tmp: TmpFolder) {
    this.files = files;
    this.root = root;
    this.tmp = tmp;
    this.folders = new DurableFolders(files, root);
  }

  static open(root: string, files: FileLayer = nodeFiles): Promise<FolderObjectStore> {
    return orFail("store_unavailable", root, async () => {
      await makeFolder(files, root);
      return new FolderObjectStore(files, root, await TmpFolder.open(files, root));
    });
  }

  putIfAbsent(key: string, bytes: Uint8Array): Promise<"created" | "exists"> {
    const path = this.path(key);
    return orFail("store_unavailable", path, async () => {
      await this.folders.ensure(folderOf(path));
      const result = (await this.files.stat(path))
        ? await this.compare(key, path, bytes)
        : await this.tmp.write(bytes, (tmp) => this.name(key, path, bytes, tmp));
      // Also where it exists: whoever made it may not have come to this line yet.
      await this.files.syncDirectory(folderOf(path));
      return result;
    });
  }

  get(key: string): Promise<Uint8Array | undefined> {
    const path = this.path(key);
    return orFail("store_unavailable", path, () => readFile(this.files, path));
  }

  getRange(key: string, from: number, until: number): Promise<Uint8Array | undefined> {
    if (!(from >= 0 && from <= until)) throw new RangeError(`bytes ${from} to ${until}`);
    const path = this.path(key);
    return orFail("store_unavailable", path, async () => {
      try {
        const file = await this.files.open(path, "read");
        try {
          const end = Math.min(until, await file.sizeBytes());
          return await file.read(from, Math.max(0, end - from));
        } finally {
          await file.close();
        }
      } catch (error) {
        if (isFileError(error, "ENOENT", "ENOTDIR")) return undefined;
        throw error;
      }
    });
  }

  async *list(prefix: string, after?: string): AsyncGenerator<StoredObject> {
    for await (const key of walk(this.files, this.root, prefix, after)) {
      const stat = await this.files.stat(`${this.root}/${key}`);
      if (stat?.kind === "file") yield { key, sizeBytes: stat.sizeBytes };
    }
  }

  remove(key: string): Promise<void> {
    const path = this.path(key);
    return orFail("store_unavailable", path, async () => {
      await removeFile(this.files, path);
      if (await this.files.stat(folderOf(path))) await this.files.syncDirectory(folderOf(path));
    });
  }

  async close(): Promise<void> {}

  private path(key: string): string {
    checkKey(key);
    return `${this.root}/${key}`;
  }

  private async name(
    key: string,
    path: string,
    bytes: Uint8Array,
    tmp: string,
  ): Promise<"created" | "exists"> {
    try {
      await this.files.link(tmp, path);
      return "created";
    } catch (error) {
      if (!isFileError(error, "EEXIST")) throw error;
      return this.compare(key, path, bytes);
    }
  }

  private async compare(key: string, path: string, bytes: Uint8Array): Promise<"exists"> {
    const stored = await readFile(this.files, path);
    if (stored !== undefined && Buffer.compare(stored, bytes) === 0) return "exists";
    throw new TandemError("object_conflict", {
      message: `${path} exists with other bytes.`,
      details: { key, storedBytes: stored?.length, givenBytes: bytes.length },
    });
  }
}
