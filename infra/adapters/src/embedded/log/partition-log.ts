// One partition: frames come in groups (group-commit.ts), one after the other. A group is made durable by its
// round's commit (round-commit.ts) and then published: only then can it be read. It is read from memory until
// enough has gathered to be written to the segments, whose sync nobody waits for.
import { type OffsetRange, type RecordBatch, TandemError } from "@tandem/shared-logic";
import type { Frames } from "./frames.ts";
import type { Committed } from "./group-commit.ts";
import { LastTraces } from "./last-traces.ts";
import { OffsetWaiters } from "./offset-waiters.ts";
import type { PartitionOptions } from "./partition-options.ts";
import { type Segments, unavailable } from "./segments.ts";
import { Tail } from "./tail.ts";

const WRITE_BYTES = 1024 * 1024;

export class PartitionLog {
  readonly waiters: OffsetWaiters;
  private readonly options: PartitionOptions;
  private readonly segments: Segments;
  private readonly tail: Tail;
  private readonly traces = new LastTraces();
  private end: number;
  /** Published since a write to the segments was last begun. */
  private waitingBytes = 0;
  private writing: Promise<unknown> = Promise.resolve();

  constructor(options: PartitionOptions, segments: Segments) {
    this.options = options;
    this.segments = segments;
    this.end = segments.end;
    this.tail = new Tail(options.partition, options.tailBytes);
    this.waiters = new OffsetWaiters(options.clock);
  }

  get range(): OffsetRange {
    return { start: this.segments.start, end: this.end };
  }

  /** What ended the appends, until the partition is opened again. */
  get failure(): TandemError | undefined {
    return this.segments.failure;
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
    const kept = this.tail.read(from, maxBytes);
    return this.traces.on(kept ?? (await this.segments.read(from, maxBytes)), from);
  }

  /** Removes whole segments below `offset`; the active one stays. */
  dropBelow(offset: number): Promise<void> {
    return this.segments.dropBelow(offset);
  }

  /** Gives the files back. Nothing may be appended any more. */
  async close(): Promise<void> {
    this.waiters.wake(Number.POSITIVE_INFINITY);
    // What the segments lack then is in the commit files.
    await this.writeOut().catch(() => undefined);
    await this.segments.close();
  }

  keeps(frames: Frames): boolean {
    return this.tail.keeps(frames);
  }

  /** The group that follows is durable: it gets its offsets. */
  publish(frames: Frames): Committed {
    const base = this.end;
    this.end = base + frames.count;
    for (const { index, traceparent } of frames.traces ?? [])
      this.traces.note(base + index, traceparent);
    this.tail.add(base, frames, this.segments.end);
    this.waiters.wake(this.end);
    if (this.segments.end < this.end) this.waitingBytes += frames.sizeBytes;
    // Where it fails, the next one tries again; the commit files' turn hears of it in any case.
    if (this.waitingBytes >= WRITE_BYTES) this.writeOut().catch(() => undefined);
    return { base };
  }

  /** For a group that is too large for a commit file: durable in the segments, then published. */
  async commitHere(frames: Frames): Promise<Committed> {
    try {
      await this.inTurn(async () => {
        await this.writeTail();
        await this.segments.append(frames, 0, frames.count, true);
      });
    } catch (cause) {
      return this.refused(cause);
    }
    return this.publish(frames);
  }

  /** Resolves once everything that was published before is durable in the segments. */
  async sync(): Promise<void> {
    await this.writeOut();
    await this.segments.sync();
  }

  /** No append succeeds any more. */
  fail(what: string, cause: unknown): void {
    this.segments.fail(what, cause);
  }

  /** The outcome of a group that is not durable. */
  refused(cause: unknown): Committed {
    const { folder } = this.options;
    const error = this.failure ?? unavailable(folder, `${folder}: writing failed.`, cause);
    return { base: undefined, error };
  }

  private writeOut(): Promise<void> {
    this.waitingBytes = 0;
    return this.inTurn(() => this.writeTail());
  }

  /** One after the other. */
  private inTurn(work: () => Promise<void>): Promise<void> {
    const done = this.writing.then(work);
    this.writing = done.catch(() => undefined);
    return done;
  }

  private async writeTail(): Promise<void> {
    const { end } = this;
    while (this.segments.end < end) {
      const { frames, first } = this.tail.at(this.segments.end);
      await this.segments.append(frames, first, this.segments.fitting(frames, first), false);
    }
  }
}
