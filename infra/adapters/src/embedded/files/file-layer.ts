// The few file operations that the embedded adapters need, as a port, so that a power cut can be
// played on an implementation in memory. Errors carry POSIX codes (ENOENT, EEXIST, ENOSPC …) as Node's do.
//
// 1. Bytes are durable once `sync` of their file has resolved, and names once `syncDirectory` of their
//    folder has; before that a power cut may keep, drop or tear them, each on its own.
// 2. `write` writes all of its bytes or rejects, after which any part of them may be in the file.
// 3. `read` gives fewer bytes than asked only at the end of the file.
// 4. In a file opened with a `-synced` mode, `write` resolves once its bytes are durable. Where it rejects
//    with one of NO_ROOM, the bytes before `at` are as good as they were; of any other rejection nobody
//    knows, as of a failed `sync`.
//    Writes of whole blocks (`blockBytes`) at a block's beginning, from memory at a page's (page-memory.ts), take
//    least time; others are as good.
// 5. `rename` replaces an existing file atomically, `link` rejects with EEXIST.

export interface OpenFile {
  write(at: number, bytes: Uint8Array): Promise<void>;
  read(at: number, lengthBytes: number): Promise<Uint8Array>;
  sizeBytes(): Promise<number>;
  truncate(sizeBytes: number): Promise<void>;
  sync(): Promise<void>;
  close(): Promise<void>;
}

/** `create` rejects with EEXIST where there is a file; `read` and `update` with ENOENT where there is none. */
export type OpenMode = "read" | "update" | "create" | SyncedMode;
export type SyncedMode = "update-synced" | "create-synced";

/** What a write that found no room rejects with. */
export const NO_ROOM: readonly string[] = ["ENOSPC", "EDQUOT", "EFBIG"];

export interface FileStat {
  readonly kind: "file" | "folder";
  readonly sizeBytes: number;
}

export interface FolderEntry {
  readonly name: string;
  readonly kind: "file" | "folder";
}

export interface FileLayer {
  /** See 4; 1 where the size of a write makes no difference. */
  readonly blockBytes: number;
  open(path: string, mode: OpenMode): Promise<OpenFile>;
  /** Undefined where there is nothing. */
  stat(path: string): Promise<FileStat | undefined>;
  /** Makes one folder; an existing one is fine. */
  mkdir(path: string): Promise<void>;
  /** In no particular order. */
  readdir(path: string): Promise<readonly FolderEntry[]>;
  rename(from: string, to: string): Promise<void>;
  link(existing: string, path: string): Promise<void>;
  unlink(path: string): Promise<void>;
  syncDirectory(path: string): Promise<void>;
}

export function isFileError(error: unknown, ...codes: readonly string[]): boolean {
  return error instanceof Error && "code" in error && codes.includes(String(error.code));
}

export const isSynced = (mode: OpenMode): mode is SyncedMode => mode.endsWith("-synced");

/** For layers that have no synced files of their own: the mode without, and a write that syncs. */
export const unsynced = (mode: OpenMode): OpenMode =>
  mode === "update-synced" ? "update" : mode === "create-synced" ? "create" : mode;

export function syncingWrites(file: OpenFile): OpenFile {
  return {
    ...file,
    async write(at, bytes) {
      await file.write(at, bytes);
      await file.sync();
    },
  };
}
