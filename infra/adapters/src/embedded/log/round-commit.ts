// One round of the group commit: one write makes the frames of all partitions durable in a commit file, then
// they are published. Where that write finds no room it is taken back; any other failure ends the dataset's
// appends until it is opened again, as a failed fsync does. A large round is made durable in the segments
// themselves: writing its bytes twice would cost more than syncing every partition.
import { isFileError, NO_ROOM } from "../files/file-layer.ts";
import type { CommitFiles } from "./commit-files.ts";
import type { Frames } from "./frames.ts";
import type { CommitTarget, Committed } from "./group-commit.ts";
import type { PartitionLog } from "./partition-log.ts";

const LARGE_BYTES = 1024 * 1024;

interface Part {
  readonly partition: number;
  readonly log: PartitionLog;
  readonly base: number;
  readonly frames: Frames;
}

export class RoundCommit implements CommitTarget {
  private readonly partitions: readonly PartitionLog[];
  private readonly files: CommitFiles;

  constructor(partitions: readonly PartitionLog[], files: CommitFiles) {
    this.partitions = partitions;
    this.files = files;
  }

  keeps(frames: Frames): boolean {
    return this.partitions[0]?.keeps(frames) ?? false;
  }

  async commit(
    frames: readonly (Frames | undefined)[],
    outcomes: (Committed | undefined)[],
  ): Promise<void> {
    const parts: Part[] = [];
    for (const [partition, log] of this.partitions.entries()) {
      const own = frames[partition];
      if (own === undefined) continue;
      if (log.failure !== undefined) outcomes[partition] = log.refused(undefined);
      else parts.push({ partition, log, base: log.range.end, frames: own });
    }
    const committed = await this.commitParts(parts);
    for (const [i, { partition }] of parts.entries()) outcomes[partition] = committed[i];
  }

  private async commitParts(parts: readonly Part[]): Promise<readonly Committed[]> {
    if (parts.length === 0) return [];
    const sizeBytes = this.files.sizeBytes(parts);
    if (sizeBytes > Math.min(LARGE_BYTES, this.files.limitBytes))
      return Promise.all(parts.map(({ log, frames }) => log.commitHere(frames)));
    try {
      await this.files.makeRoom(sizeBytes);
    } catch (cause) {
      return parts.map(({ log }) => log.refused(cause));
    }
    try {
      await this.files.write(parts);
    } catch (cause) {
      await this.takeBack(cause);
      return parts.map(({ log }) => log.refused(cause));
    }
    return parts.map(({ log, frames }) => log.publish(frames));
  }

  private async takeBack(cause: unknown): Promise<void> {
    if (!isFileError(cause, ...NO_ROOM)) this.fail("a commit failed", cause);
    try {
      await this.files.takeBack();
    } catch {
      this.fail("a failed commit could not be taken back", cause);
    }
  }

  private fail(what: string, cause: unknown): void {
    for (const log of this.partitions) log.fail(what, cause);
  }
}
