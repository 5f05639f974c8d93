// CheckpointStore over files: tmp file, fsync, rename, fsync of the folder (Pillai et al., 2014, on why
// each of the four). A name is its path.
import type { CheckpointStore } from "@tandem/shared-logic";
import { DurableFolders, makeFolder } from "./files/durable-folders.ts";
import { orFail } from "./files/file-failure.ts";
import type { FileLayer } from "./files/file-layer.ts";
import { nodeFiles } from "./files/node-files.ts";
import { TmpFolder } from "./files/tmp-folder.ts";
import { checkKey, walk } from "./files/walk.ts";
import { folderOf, readFile, removeFile } from "./files/whole-file.ts";

export class FileCheckpointStore implements CheckpointStore {
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

  static open(root: string, files: FileLayer = nodeFiles): Promise<FileCheckpointStore> {
    return orFail("store_unavailable", root, async () => {
      await makeFolder(files, root);
      return new FileCheckpointStore(files, root, await TmpFolder.open(files, root));
    });
  }

  put(name: string, bytes: Uint8Array): Promise<void> {
    const path = this.path(name);
    return orFail("store_unavailable", path, async () => {
      await this.folders.ensure(folderOf(path));
      await this.tmp.write(bytes, (tmp) => this.files.rename(tmp, path));
      await this.files.syncDirectory(folderOf(path));
    });
  }

  get(name: string): Promise<Uint8Array | undefined> {
    const path = this.path(name);
    return orFail("store_unavailable", path, () => readFile(this.files, path));
  }

  list(prefix: string): Promise<readonly string[]> {
    return orFail("store_unavailable", this.root, async () => {
      const names: string[] = [];
      for await (const name of walk(this.files, this.root, prefix)) names.push(name);
      return names;
    });
  }

  remove(name: string): Promise<void> {
    const path = this.path(name);
    return orFail("store_unavailable", path, async () => {
      await removeFile(this.files, path);
      if (await this.files.stat(folderOf(path))) await this.files.syncDirectory(folderOf(path));
    });
  }

  private path(name: string): string {
    checkKey(name);
    return `${this.root}/${name}`;
  }
}
