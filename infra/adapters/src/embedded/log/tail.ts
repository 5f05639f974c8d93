// The last few megabytes of a partition's frames, kept in memory so that readers near the end do not
// touch the disk, and at least as long as the segments lack them. Holds only what is durable. Small groups are copied together, so that one
// read returns more than one small append; large ones are kept as they were written. Memory that no
// reader was given is used again: where nobody reads here, appending allocates nothing.
import type { RecordBatch } from "@tandem/shared-logic";
import { Frames } from "./frames.ts";

const CHUNK_BYTES = 1024 * 1024;

interface Chunk {
  readonly base: number;
  readonly frames: Frames;
  /** A reader may hold views of it. */
  lent: boolean;
}

export class Tail {
  private readonly partition: number;
  private readonly limitBytes: number;
  private readonly chunks: Chunk[] = [];
  private sizeBytes = 0;
  private spare: Frames | undefined;

  constructor(partition: number, limitBytes: number) {
    this.partition = partition;
    this.limitBytes = limitBytes;
  }

  /** Whether `add` takes these frames as they are; else it copies them. */
  keeps(frames: Frames): boolean {
    return frames.sizeBytes >= CHUNK_BYTES / 4;
  }

  /** Frames that follow those added before; `base` is the offset of their first record. Keeps all from `needed` on. */
  add(base: number, frames: Frames, needed = Number.POSITIVE_INFINITY): void {
    let last = this.chunks.at(-1);
    if (this.keeps(frames)) {
      this.chunks.push({ base, frames, lent: false });
    } else {
      if (
        last === undefined ||
        last.frames.sizeBytes + frames.sizeBytes > last.frames.bytes.length
      ) {
        last = { base, frames: this.spare ?? new Frames(CHUNK_BYTES), lent: false };
        this.spare = undefined;
        this.chunks.push(last);
      }
      last.frames.addAll(frames);
    }
    this.sizeBytes += frames.sizeBytes;
    while (this.sizeBytes > this.limitBytes && (this.chunks[1]?.base ?? Infinity) <= needed) {
      this.forgetOldest();
    }
  }

  private forgetOldest(): void {
    const oldest = this.chunks.shift();
    if (oldest === undefined) return;
    this.sizeBytes -= oldest.frames.sizeBytes;
    if (oldest.lent || oldest.frames.bytes.length !== CHUNK_BYTES) return;
    oldest.frames.clear();
    this.spare = oldest.frames;
  }

  /** The frames that hold a record which is kept, and its index there. */
  at(offset: number): { readonly frames: Frames; readonly first: number } {
    const chunk = this.chunkOf(offset);
    if (chunk === undefined) throw new RangeError(`offset ${offset} is not kept`);
    return { frames: chunk.frames, first: offset - chunk.base };
  }

  private chunkOf(offset: number): Chunk | undefined {
    let at = this.chunks.length - 1;
    while (at >= 0 && (this.chunks[at]?.base ?? 0) > offset) at--;
    const chunk = this.chunks[at];
    return chunk !== undefined && offset < chunk.base + chunk.frames.count ? chunk : undefined;
  }

  /** Records from offset `from` on, or undefined where they are no longer kept. */
  read(from: number, maxBytes: number): RecordBatch | undefined {
    const chunk = this.chunkOf(from);
    if (chunk === undefined) return undefined;
    chunk.lent = true;
    const { base, frames } = chunk;
    const first = from - base;
    const limit = frames.frameStart(first) + maxBytes;
    let last = first + 1;
    while (last < frames.count && (frames.ends[last] ?? 0) <= limit) last++;
    return {
      partition: this.partition,
      to: base + last,
      count: last - first,
      bytes: frames.bytes.subarray(0, frames.sizeBytes),
      starts: frames.starts.subarray(first, last),
      ends: frames.ends.subarray(first, last),
      offsets: Float64Array.from({ length: last - first }, (_, i) => from + i),
    };
  }
}
