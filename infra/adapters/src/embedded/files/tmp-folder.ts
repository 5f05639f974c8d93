// Where files are written before they get their name: a folder `~tmp` beside them. What a crash left
// there is removed at opening. Names are never used twice, and another thread that opens the same
// place may remove a file in use: its writer then finds no file to name and writes it again.
import { randomUUID } from "node:crypto";
import { makeFolder } from "./durable-folders.ts";
import { type FileLayer, isFileError } from "./file-layer.ts";
import { removeFile, writeNew } from "./whole-file.ts";

const ATTEMPTS = 5;

export class TmpFolder {
  private readonly files: FileLayer;
  private readonly folder: string;

  private constructor(files: FileLayer, folder: string) {
    this.files = files;
    this.folder = folder;
  }

  static async open(files: FileLayer, root: string): Promise<TmpFolder> {
    const folder = `${root}/~tmp`;
    await makeFolder(files, folder);
    for (const { name } of await files.readdir(folder))
      await removeFile(files, `${folder}/${name}`);
    return new TmpFolder(files, folder);
  }

  /** Writes and syncs the bytes, then gives the file to `name`, which renames or links it. */
  async write<T>(bytes: Uint8Array, name: (tmp: string) => Promise<T>): Promise<T> {
    for (let attempt = 1; ; attempt++) {
      const tmp = `${this.folder}/${randomUUID()}`;
      try {
        await writeNew(this.files, tmp, bytes);
        return await name(tmp);
      } catch (error) {
        if (!isFileError(error, "ENOENT") || attempt === ATTEMPTS) throw error;
      } finally {
        await removeFile(this.files, tmp).catch(() => undefined);
      }
    }
  }
}
