// A partition's segment files: read anywhere, appended to at the end, given back from the beginning. What is
// appended is durable once it is synced, or once the commit files have it. A failed fsync ends appending until
// the partition is opened again: the kernel may have dropped the pages, so a second fsync would prove nothing
// (Rebello et al., 2020).
import { type RecordBatch, TandemError } from "@tandem/shared-logic";
import { type FileLayer, isFileError, NO_ROOM, type OpenFile } from "../files/file-layer.ts";
import type { Frames } from "./frames.ts";
import type { PartitionOptions } from "./partition-options.ts";
import { Segment } from "./segment.ts";

/** The last segment, open for appending. */
export interface ActiveSegment {
  readonly segment: Segment;
  readonly file: OpenFile;
  sizeBytes: number;
}

export class Segments {
  private readonly options: PartitionOptions;
  private readonly files: FileLayer;
  /** In order of base; the last one is active. */
  private readonly all: Segment[];
  private active: ActiveSegment;
  private endOffset: number;
  private ended: TandemError | undefined;
  private dropping: Promise<void> = Promise.resolve();
  /** Whether something was written since the last sync began. */
  private dirty = false;
  /** Rejected for good once a sync failed. */
  private synced: Promise<unknown> = Promise.resolve();

  constructor(options: PartitionOptions, all: Segment[], active: ActiveSegment, end: number) {
    this.options = options;
    this.files = options.files;
    this.all = all;
    this.active = active;
    this.endOffset = end;
  }

  get start(): number {
    return this.all[0]?.base ?? 0;
  }

  /** Exclusive. */
  get end(): number {
    return this.endOffset;
  }

  /** What ended appending. */
  get failure(): TandemError | undefined {
    return this.ended;
  }

  fail(what: string, cause: unknown): TandemError {
    const message = `${this.options.folder}: ${what}; the partition takes records again once it is reopened.`;
    this.ended ??= unavailable(this.options.folder, message, cause);
    return this.ended;
  }

  /** Records from `from` on, which lies below the end. */
  read(from: number, maxBytes: number): Promise<RecordBatch> {
    const { partition } = this.options;
    const after = this.all.findIndex((s) => s.base > from);
    const segment = this.all.at(after === -1 ? -1 : after - 1);
    if (segment === undefined) throw new RangeError("a partition has a segment");
    const next = after === -1 ? undefined : this.all[after];
    if (next !== undefined) return segment.read(partition, from, next.base, maxBytes);
    return segment.read(partition, from, this.endOffset, maxBytes, this.active.sizeBytes);
  }

  /** How many of the frames from `first` on one `append` takes without leaving room in a segment. */
  fitting(frames: Frames, first: number): number {
    const { segmentBytes } = this.options;
    const from = frames.frameStart(first);
    const fits = (roomBytes: number): number => {
      let last = first;
      while (last < frames.count && (frames.ends[last] ?? 0) - from <= roomBytes) last++;
      return last - first;
    };
    return fits(segmentBytes - this.active.sizeBytes) || fits(segmentBytes) || 1;
  }

  /** Writes `count` frames behind the end, with `sync` durably, in a new segment if they do not fit. Not two at a time. */
  async append(frames: Frames, first: number, count: number, sync: boolean): Promise<void> {
    if (this.ended !== undefined) throw this.ended;
    const from = frames.frameStart(first);
    const until = frames.frameStart(first + count);
    const { sizeBytes } = this.active;
    if (sizeBytes > 0 && sizeBytes + until - from > this.options.segmentBytes) await this.roll();
    try {
      this.dirty = true;
      await this.active.file.write(this.active.sizeBytes, frames.bytes.subarray(from, until));
      if (sync) await this.sync();
    } catch (cause) {
      if (!isFileError(cause, ...NO_ROOM)) this.fail("writing failed", cause);
      await this.takeBack(cause);
      throw this.ended ?? cause;
    }
    for (let i = first; i < first + count; i++) {
      const position = this.active.sizeBytes + frames.frameStart(i) - from;
      this.active.segment.note(this.endOffset++, position);
    }
    this.active.sizeBytes += until - from;
  }

  /** Resolves once everything that was appended before is durable here. */
  sync(): Promise<unknown> {
    if (this.ended !== undefined) return Promise.reject(this.ended);
    if (this.dirty) {
      this.dirty = false;
      // Also what another call has begun and not ended.
      this.synced = Promise.all([this.synced, this.syncActive()]);
    }
    return this.synced;
  }

  private async syncActive(): Promise<void> {
    try {
      await this.active.file.sync();
    } catch (cause) {
      throw this.fail("fsync failed", cause);
    }
  }

  /** Removes whole segments below `offset`; the active one stays. */
  dropBelow(offset: number): Promise<void> {
    // One call after the other: a later segment must not be gone for good before an earlier one is.
    const dropped = this.dropping.then(() => this.drop(offset));
    this.dropping = dropped.catch(() => undefined);
    return dropped;
  }

  private async drop(offset: number): Promise<void> {
    for (let next = this.all[1]; next !== undefined && next.base <= offset; next = this.all[1]) {
      const first = this.all.shift();
      if (first === undefined) return;
      // One by one, so that a power cut leaves no hole.
      await this.files.unlink(first.path);
      await this.files.syncDirectory(this.options.folder);
    }
  }

  /** Gives the file back. Nothing may be under way. */
  close(): Promise<void> {
    return this.active.file.close();
  }

  /**
   * What could not be written must not be found by a later recovery as if it were good. Synced, or other records
   * that the commit files have at its offsets could be taken for written.
   */
  private async takeBack(cause: unknown): Promise<void> {
    try {
      await this.active.file.truncate(this.active.sizeBytes);
      if (this.ended === undefined) await this.active.file.sync();
    } catch {
      this.fail("a failed write could not be taken back", cause);
    }
  }

  private async roll(): Promise<void> {
    // Recovery looks for what is torn in the last segment only.
    await this.sync();
    const segment = new Segment(this.files, this.options.folder, this.endOffset);
    const file = await this.files.open(segment.path, "create");
    try {
      await this.files.syncDirectory(this.options.folder);
    } catch (cause) {
      await file.close();
      throw this.fail("fsync of the folder failed", cause);
    }
    const old = this.active.file;
    this.all.push(segment);
    this.active = { segment, file, sizeBytes: 0 };
    await old.close();
  }
}

export function unavailable(folder: string, message: string, cause: unknown): TandemError {
  return new TandemError("log_unavailable", { message, details: { folder }, cause });
}
