// One partition: frames come in groups (group-commit.ts), one after the other, each written and synced as
// one. Offsets are given when a group is synced, and only then can it be read. A failed fsync ends the
// partition's appends until it is opened again: the kernel may have dropped the pages, so a second fsync
// would prove nothing (Rebello et al., 2020).
import { type OffsetRange, type RecordBatch, TandemError } from "@tandem/shared-logic";
import { type FileLayer, isFileError, NO_ROOM, type OpenFile } from "../files/file-layer.ts";
import type { Frames } from "./frames.ts";
import type { CommitTarget, Committed } from "./group-commit.ts";
import { LastTraces } from "./last-traces.ts";
import { OffsetWaiters } from "./offset-waiters.ts";
import type { PartitionOptions } from "./partition-options.ts";
import { Segment } from "./segment.ts";
import { Tail } from "./tail.ts";

/** The last segment, open for synced appending. */
export interface ActiveSegment {
  readonly segment: Segment;
  readonly file: OpenFile;
  sizeBytes: number;
}

export class PartitionLog implements CommitTarget {
  readonly waiters: OffsetWaiters;
  private readonly options: PartitionOptions;
  private readonly files: FileLayer;
  /** In order of base; the last one is active. */
  private readonly segments: Segment[];
  private readonly tail: Tail;
  private readonly traces = new LastTraces();
  private active: ActiveSegment;
  private end: number;
  private failure: TandemError | undefined;
  private dropping: Promise<void> = Promise.resolve();

  constructor(
    options: PartitionOptions,
    segments: Segment[],
    active: ActiveSegment,
    endOffset: number,
  ) {
    this.options = options;
    this.files = options.files;
    this.segments = segments;
    this.active = active;
    this.end = endOffset;
    this.tail = new Tail(options.partition, options.tailBytes);
    this.waiters = new OffsetWaiters(options.clock);
  }

  get range(): OffsetRange {
    return { start: this.segments[0]?.base ?? 0, end: this.end };
  }

  async read(from: number, maxBytes: number): Promise<RecordBatch> {
    const { partition } = this.options;
    const { start, end } = this.range;
    if (!(from >= start && from <= end)) {
      throw new TandemError("offset_out_of_range", { details: { partition, from, start, end } });
    }
    if (from === end) {
      const none = new Int32Array(0);
      const offsets = new Float64Array(0);
      return {
        partition,
        to: end,
        count: 0,
        bytes: new Uint8Array(0),
        starts: none,
        ends: none,
        offsets,
      };
    }
    return this.traces.on(await this.stored(from, maxBytes), from);
  }

  private async stored(from: number, maxBytes: number): Promise<RecordBatch> {
    const { partition } = this.options;
    const kept = this.tail.read(from, maxBytes);
    if (kept !== undefined) return kept;
    const after = this.segments.findIndex((s) => s.base > from);
    const segment = this.segments.at(after === -1 ? -1 : after - 1);
    if (segment === undefined) throw new RangeError("a partition has a segment");
    const next = after === -1 ? undefined : this.segments[after];
    if (next !== undefined) return segment.read(partition, from, next.base, maxBytes);
    return segment.read(partition, from, this.end, maxBytes, this.active.sizeBytes);
  }

  /** Removes whole segments below `offset`; the active one stays. */
  dropBelow(offset: number): Promise<void> {
    // One call after the other: a later segment must not be gone for good before an earlier one is.
    const dropped = this.dropping.then(() => this.drop(offset));
    this.dropping = dropped.catch(() => undefined);
    return dropped;
  }

  private async drop(offset: number): Promise<void> {
    for (
      let next = this.segments[1];
      next !== undefined && next.base <= offset;
      next = this.segments[1]
    ) {
      const first = this.segments.shift();
      if (first === undefined) return;
      // One by one, so that a power cut leaves no hole.
      await this.files.unlink(first.path);
      await this.files.syncDirectory(this.options.folder);
    }
  }

  /** Gives the file back. Nothing may be under way. */
  async close(): Promise<void> {
    this.waiters.wake(Number.POSITIVE_INFINITY);
    await this.active.file.close();
  }

  keeps(frames: Frames): boolean {
    return this.tail.keeps(frames);
  }

  async commit(frames: Frames): Promise<Committed> {
    if (this.failure !== undefined) return { base: undefined, error: this.failure };
    const { segmentBytes } = this.options;
    try {
      if (this.active.sizeBytes > 0 && this.active.sizeBytes + frames.sizeBytes > segmentBytes) {
        await this.roll();
      }
    } catch (cause) {
      return this.failed("no new segment could be begun", cause);
    }
    try {
      const bytes = frames.bytes.subarray(0, frames.sizeBytes);
      await this.active.file.write(this.active.sizeBytes, bytes);
    } catch (cause) {
      if (!isFileError(cause, ...NO_ROOM)) {
        this.fail("fsync failed; the partition takes records again once it is reopened", cause);
      }
      await this.takeBack(cause);
      return this.failed("writing failed", cause);
    }
    const base = this.end;
    for (let i = 0; i < frames.count; i++) {
      this.active.segment.note(base + i, this.active.sizeBytes + frames.frameStart(i));
    }
    this.active.sizeBytes += frames.sizeBytes;
    this.end = base + frames.count;
    for (const { index, traceparent } of frames.traces ?? [])
      this.traces.note(base + index, traceparent);
    this.tail.add(base, frames);
    this.waiters.wake(this.end);
    return { base };
  }

  /** Unsynced bytes must not be found by a later recovery as if they were good. */
  private async takeBack(cause: unknown): Promise<void> {
    try {
      await this.active.file.truncate(this.active.sizeBytes);
    } catch {
      this.fail("a failed write could not be taken back", cause);
    }
  }

  private async roll(): Promise<void> {
    const segment = new Segment(this.files, this.options.folder, this.end);
    const file = await this.files.open(segment.path, "create-synced");
    try {
      await this.files.syncDirectory(this.options.folder);
    } catch (cause) {
      this.fail("fsync of the folder failed", cause);
      await file.close();
      throw cause;
    }
    const old = this.active.file;
    this.segments.push(segment);
    this.active = { segment, file, sizeBytes: 0 };
    await old.close();
  }

  private failed(what: string, cause: unknown): Committed {
    return {
      base: undefined,
      error: this.failure ?? unavailable(this.options.folder, what, cause),
    };
  }

  private fail(what: string, cause: unknown): void {
    this.failure ??= unavailable(this.options.folder, what, cause);
  }
}

function unavailable(folder: string, what: string, cause: unknown): TandemError {
  return new TandemError("log_unavailable", {
    message: `${folder}: ${what}.`,
    details: { folder },
    cause,
  });
}
