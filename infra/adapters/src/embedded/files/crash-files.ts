// A file system in memory whose power can be cut: `image` is what could be found afterwards. Of every
// name any state since its folder's last sync may be found, and of every file what CrashInode leaves,
// each on its own: harsher than real file systems, so what survives here survives there (Pillai et
// al., "All File Systems Are Not Created Equal", 2014). Equal randoms, equal images.
import { below, type Random } from "@tandem/shared-logic";
import { CrashInode } from "./crash-inode.ts";
import {
  type FileLayer,
  type FileStat,
  type FolderEntry,
  isSynced,
  type OpenFile,
  type OpenMode,
  syncingWrites,
  unsynced,
} from "./file-layer.ts";

type Node = CrashInode | Folder;

class Folder {
  readonly entries = new Map<string, Node>();
  readonly synced = new Map<string, Node>();
  /** By name, what it meant after each change since the last sync. */
  readonly unsynced = new Map<string, (Node | undefined)[]>();

  set(name: string, node: Node | undefined): void {
    if (node === undefined) this.entries.delete(name);
    else this.entries.set(name, node);
    const states = this.unsynced.get(name);
    if (states === undefined) this.unsynced.set(name, [node]);
    else states.push(node);
  }

  sync(): void {
    this.synced.clear();
    for (const [name, node] of this.entries) this.synced.set(name, node);
    this.unsynced.clear();
  }
}

function fileError(code: string, path: string): Error {
  return Object.assign(new Error(`${code}: ${path}`), { code });
}

export class CrashFiles implements FileLayer {
  readonly blockBytes: number;
  private readonly root: Folder;

  constructor(blockBytes = 1, root = new Folder()) {
    this.blockBytes = blockBytes;
    this.root = root;
  }

  /** What a power cut now could leave; this one stays as it is. */
  image(random: Random): CrashFiles {
    const made = new Map<Node, Node>();
    const imageOf = (node: Node): Node => {
      const known = made.get(node);
      if (known !== undefined) return known;
      if (node instanceof CrashInode) {
        const left = node.image(random);
        made.set(node, left);
        return left;
      }
      const folder = new Folder();
      made.set(node, folder);
      for (const name of new Set([...node.synced.keys(), ...node.unsynced.keys()])) {
        const states = [node.synced.get(name), ...(node.unsynced.get(name) ?? [])];
        const state = states[below(random, states.length)];
        if (state === undefined) continue;
        const left = imageOf(state);
        folder.entries.set(name, left);
        folder.synced.set(name, left);
      }
      return folder;
    };
    const root = imageOf(this.root);
    if (!(root instanceof Folder)) throw new TypeError("the root is a folder");
    return new CrashFiles(this.blockBytes, root);
  }

  async open(path: string, mode: OpenMode): Promise<OpenFile> {
    await null;
    const { folder, name } = this.place(path);
    let inode = folder.entries.get(name);
    if (unsynced(mode) === "create") {
      if (inode !== undefined) throw fileError("EEXIST", path);
      inode = new CrashInode();
      folder.set(name, inode);
    }
    if (inode === undefined) throw fileError("ENOENT", path);
    if (inode instanceof Folder) throw fileError("EISDIR", path);
    const file = openFile(inode, path);
    return isSynced(mode) ? syncingWrites(file) : file;
  }

  async stat(path: string): Promise<FileStat | undefined> {
    await null;
    const node = this.find(path);
    if (node instanceof CrashInode) return { kind: "file", sizeBytes: node.sizeBytes };
    return node && { kind: "folder", sizeBytes: 0 };
  }

  async mkdir(path: string): Promise<void> {
    await null;
    const { folder, name } = this.place(path);
    if (folder.entries.get(name) === undefined) folder.set(name, new Folder());
  }

  async readdir(path: string): Promise<readonly FolderEntry[]> {
    await null;
    return Array.from(this.folder(path).entries, ([name, node]) => ({
      name,
      kind: node instanceof Folder ? "folder" : "file",
    }));
  }

  async rename(from: string, to: string): Promise<void> {
    await null;
    const node = this.file(from);
    const [old, place] = [this.place(from), this.place(to)];
    place.folder.set(place.name, node);
    old.folder.set(old.name, undefined);
  }

  async link(existing: string, path: string): Promise<void> {
    await null;
    const inode = this.file(existing);
    const { folder, name } = this.place(path);
    if (folder.entries.has(name)) throw fileError("EEXIST", path);
    folder.set(name, inode);
  }

  async unlink(path: string): Promise<void> {
    await null;
    this.file(path);
    const { folder, name } = this.place(path);
    folder.set(name, undefined);
  }

  async syncDirectory(path: string): Promise<void> {
    await null;
    this.folder(path).sync();
  }

  private find(path: string): Node | undefined {
    let node: Node | undefined = this.root;
    for (const name of path.split("/").filter((part) => part !== "" && part !== ".")) {
      if (!(node instanceof Folder)) return undefined;
      node = node.entries.get(name);
    }
    return node;
  }

  private file(path: string): CrashInode {
    const node = this.find(path);
    if (node === undefined) throw fileError("ENOENT", path);
    if (node instanceof Folder) throw fileError("EISDIR", path);
    return node;
  }

  private folder(path: string): Folder {
    const node = this.find(path);
    if (node === undefined) throw fileError("ENOENT", path);
    if (!(node instanceof Folder)) throw fileError("ENOTDIR", path);
    return node;
  }

  private place(path: string): { readonly folder: Folder; readonly name: string } {
    const slash = path.lastIndexOf("/");
    return { folder: this.folder(path.slice(0, Math.max(slash, 0))), name: path.slice(slash + 1) };
  }
}

function openFile(inode: CrashInode, path: string): OpenFile {
  let closed = false;
  const after = async <T>(work: () => T): Promise<T> => {
    await null;
    if (closed) throw fileError("EBADF", path);
    return work();
  };
  return {
    write: (at, bytes) => after(() => inode.write(at, bytes)),
    read: (at, lengthBytes) => after(() => inode.read(at, lengthBytes)),
    sizeBytes: () => after(() => inode.sizeBytes),
    truncate: (sizeBytes) => after(() => inode.truncate(sizeBytes)),
    sync: () => after(() => inode.sync()),
    async close() {
      closed = true;
    },
  };
}
