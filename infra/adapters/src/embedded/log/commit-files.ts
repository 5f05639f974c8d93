// Two files in a dataset's folder that take turns: a round's records of all partitions are made durable by
// one synced write. Once one is full the other is begun, over what it held before, and the partitions
// are synced meanwhile; a file is used again only when that is done. What is written over needs no new blocks
// and no new size, so that the file system's journal is not in its sync; what is written are whole blocks, which need
// not go through the page cache (docs/decisions/commit-files.md).
import { randomInt } from "node:crypto";
import type { FileLayer, OpenFile } from "../files/file-layer.ts";
import { pageMemory } from "../files/page-memory.ts";
import { readFile } from "../files/whole-file.ts";
import {
  type FoundPart,
  type RoundPart,
  readRounds,
  recordBytes,
  writeRecord,
} from "./commit-record.ts";

const NAMES = ["commit-0.log", "commit-1.log"] as const;
const paths = (folder: string): string[] => NAMES.map((name) => `${folder}/${name}`);

export interface FoundCommits {
  /** In the order in which they were written. */
  readonly parts: readonly FoundPart[];
  /** The number after the last round's. */
  readonly next: number;
}

/** What the commit files of a dataset hold, some of it or all in its partitions already. */
export async function readCommits(files: FileLayer, folder: string): Promise<FoundCommits> {
  const found: ReturnType<typeof readRounds> = [];
  for (const path of paths(folder))
    found.push(...readRounds((await readFile(files, path)) ?? new Uint8Array(0)));
  found.sort((a, b) => a.number - b.number);
  return { parts: found.flatMap(({ parts }) => parts), next: (found.at(-1)?.number ?? 0) + 1 };
}

export class CommitFiles {
  private readonly files: readonly OpenFile[];
  readonly limitBytes: number;
  private readonly blockBytes: number;
  private readonly syncPartitions: () => Promise<unknown>;
  private scratch = new Uint8Array(0);
  private current = 0;
  private position = 0;
  private stamp = newStamp();
  private number: number;
  /** What the file that is not written to holds is durable in the partitions. */
  private settled: Promise<unknown> = Promise.resolve();

  private constructor(
    files: readonly OpenFile[],
    blockBytes: number,
    limitBytes: number,
    number: number,
    syncPartitions: () => Promise<unknown>,
  ) {
    this.files = files;
    this.blockBytes = blockBytes;
    this.limitBytes = limitBytes;
    this.number = number;
    this.syncPartitions = syncPartitions;
  }

  /** What the files hold must be durable in the partitions. `syncPartitions` makes what they were given so. */
  static async open(
    layer: FileLayer,
    folder: string,
    limitBytes: number,
    next: number,
    syncPartitions: () => Promise<unknown>,
  ): Promise<CommitFiles> {
    const files: OpenFile[] = [];
    try {
      for (const path of paths(folder)) {
        const there = (await layer.stat(path)) !== undefined;
        files.push(await layer.open(path, there ? "update-synced" : "create-synced"));
      }
      await layer.syncDirectory(folder);
    } catch (error) {
      for (const file of files) await file.close();
      throw error;
    }
    return new CommitFiles(files, layer.blockBytes, limitBytes, next, syncPartitions);
  }

  /** Of a round in a file. */
  sizeBytes(parts: readonly RoundPart[]): number {
    return Math.ceil(recordBytes(parts) / this.blockBytes) * this.blockBytes;
  }

  /** Begins the next file where the one in use has no room for a record of this size. */
  async makeRoom(sizeBytes: number): Promise<void> {
    if (this.position + sizeBytes <= this.limitBytes) return;
    try {
      await this.settled;
    } catch {
      // Perhaps there is room on the disk again.
      this.settled = this.syncPartitions();
      await this.settled;
    }
    this.settled = this.syncPartitions();
    // Whoever needs the file again hears of it.
    this.settled.catch(() => undefined);
    this.current = 1 - this.current;
    this.position = 0;
    this.stamp = newStamp();
  }

  /** Resolves once the round is durable. `makeRoom` must have found room for it. */
  async write(parts: readonly RoundPart[]): Promise<void> {
    const sizeBytes = this.sizeBytes(parts);
    if (this.scratch.length < sizeBytes) this.scratch = pageMemory(sizeBytes * 2);
    const record = this.scratch.subarray(0, sizeBytes);
    writeRecord(record, this.stamp, this.number, parts);
    await this.file.write(this.position, record);
    this.position += sizeBytes;
    this.number++;
  }

  /** A failed write must not be found by a later recovery as if it were good. */
  takeBack(): Promise<void> {
    return this.file.truncate(this.position);
  }

  async close(): Promise<void> {
    await this.settled.catch(() => undefined);
    for (const file of this.files) await file.close();
  }

  private get file(): OpenFile {
    const file = this.files[this.current];
    if (file === undefined) throw new RangeError("a dataset has two commit files");
    return file;
  }
}

const newStamp = (): number => randomInt(2 ** 47);
