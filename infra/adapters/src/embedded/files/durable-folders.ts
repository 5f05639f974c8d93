// Folders whose names are durable: `ensure` resolves once the folder exists and its parent was synced
// by this process. A folder another call or a killed process made may exist without being durable, so
// existing ones are synced too, once.
import type { FileLayer } from "./file-layer.ts";
import { folderOf } from "./whole-file.ts";

export class DurableFolders {
  private readonly files: FileLayer;
  private readonly root: string;
  private readonly known = new Map<string, Promise<void>>();

  /** `root` must exist. */
  constructor(files: FileLayer, root: string) {
    this.files = files;
    this.root = root;
  }

  ensure(path: string): Promise<void> {
    if (path === this.root) return Promise.resolve();
    let made = this.known.get(path);
    if (made === undefined) {
      made = this.make(path).catch((error: unknown) => {
        this.known.delete(path);
        throw error;
      });
      this.known.set(path, made);
    }
    return made;
  }

  private async make(path: string): Promise<void> {
    const parent = folderOf(path);
    await this.ensure(parent);
    await this.files.mkdir(path);
    await this.files.syncDirectory(parent);
  }
}

/** Makes a folder and whatever is missing above it, durably. */
export async function makeFolder(files: FileLayer, path: string): Promise<void> {
  if ((await files.stat(path))?.kind === "folder") return;
  const parent = folderOf(path);
  if (parent !== path) await makeFolder(files, parent);
  await files.mkdir(path);
  await files.syncDirectory(parent);
}
