// One segment file: frames of consecutive offsets from the base in its name on. A sparse index (an
// entry about every 64 KB) grows with what is appended, recovered or read, so that a read from any
// offset begins close to it. Every frame read from disk is checked; damage throws `corrupt_bytes`.
import { type RecordBatch, TandemError } from "@tandem/shared-logic";
import type { FileLayer, OpenFile } from "../files/file-layer.ts";
import { claimedBytes, FRAME_BAD, FRAME_HEADER_BYTES, frameEnd, valueStart } from "./frame.ts";

const INDEX_EVERY_BYTES = 64 * 1024;
const READ_BYTES = 1024 * 1024;
const SUFFIX = ".log";

export const segmentPath = (folder: string, base: number): string =>
  `${folder}/${String(base).padStart(16, "0")}${SUFFIX}`;

/** The base offset in a segment file's name, or undefined for other files. */
export function segmentBase(name: string): number | undefined {
  return /^\d{16}\.log$/.test(name) ? Number(name.slice(0, -SUFFIX.length)) : undefined;
}

/** Called for each frame: its offset, the buffer and where the frame lies in it. False ends the scan. */
type Visit = (offset: number, bytes: Uint8Array, start: number, end: number) => boolean;

export class Segment {
  readonly base: number;
  readonly path: string;
  private readonly files: FileLayer;
  private readonly indexOffsets: number[];
  private readonly indexPositions: number[] = [0];

  constructor(files: FileLayer, folder: string, base: number) {
    this.files = files;
    this.base = base;
    this.path = segmentPath(folder, base);
    this.indexOffsets = [base];
  }

  /** Tells the index that the frame of `offset` begins at `position`. */
  note(offset: number, position: number): void {
    const last = this.indexPositions.length - 1;
    if (position - (this.indexPositions[last] ?? 0) < INDEX_EVERY_BYTES) return;
    this.indexOffsets.push(offset);
    this.indexPositions.push(position);
  }

  /** The whole good frames from the beginning: the offset after the last, and where it ends. */
  async recover(file: OpenFile): Promise<{ readonly end: number; readonly sizeBytes: number }> {
    return this.scan(file, this.base, 0, await file.sizeBytes(), READ_BYTES, () => true);
  }

  /** Records from `from` on, of a segment whose records end before offset `end`, at byte `until`. */
  async read(
    partition: number,
    from: number,
    end: number,
    maxBytes: number,
    until = Number.POSITIVE_INFINITY,
  ): Promise<RecordBatch> {
    const near = this.nearest(from);
    const file = await this.files.open(this.path, "read");
    try {
      const sizeBytes = Math.min(until, await file.sizeBytes());
      let held: Uint8Array = new Uint8Array(0);
      let heldFrom = 0;
      const starts: number[] = [];
      const ends: number[] = [];
      const ask = Math.min(READ_BYTES * 64, Math.max(maxBytes, 0)) + INDEX_EVERY_BYTES;
      const stop = await this.scan(
        file,
        near.offset,
        near.position,
        sizeBytes,
        ask,
        (o, b, s, e) => {
          if (o < from) return true;
          // A batch is one buffer: the scan's next buffer begins the next batch.
          if (starts.length > 0 && (b !== held || e - heldFrom > maxBytes)) return false;
          if (starts.length === 0) {
            held = b;
            heldFrom = s;
          }
          starts.push(valueStart(b, s));
          ends.push(e);
          return o + 1 < end;
        },
      );
      if (starts.length === 0) {
        throw new TandemError("corrupt_bytes", {
          message: `${this.path} is damaged at byte ${stop.sizeBytes}: the record at offset ${stop.end} cannot be read.`,
          details: { path: this.path, positionBytes: stop.sizeBytes, offset: stop.end },
        });
      }
      return {
        partition,
        to: from + starts.length,
        count: starts.length,
        bytes: held,
        starts: Int32Array.from(starts),
        ends: Int32Array.from(ends),
        offsets: Float64Array.from(starts, (_, i) => from + i),
      };
    } finally {
      await file.close();
    }
  }

  private nearest(offset: number): { readonly offset: number; readonly position: number } {
    let low = 0;
    let high = this.indexOffsets.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((this.indexOffsets[middle] ?? 0) <= offset) low = middle;
      else high = middle - 1;
    }
    return { offset: this.indexOffsets[low] ?? this.base, position: this.indexPositions[low] ?? 0 };
  }

  /** Visits good frames from a frame's beginning on; the end is the first that is bad, cut or refused. */
  private async scan(
    file: OpenFile,
    firstOffset: number,
    firstPosition: number,
    untilPosition: number,
    readBytes: number,
    visit: Visit,
  ): Promise<{ readonly end: number; readonly sizeBytes: number }> {
    let offset = firstOffset;
    let position = firstPosition;
    let ask = readBytes;
    while (position < untilPosition) {
      const bytes = await file.read(position, Math.min(ask, untilPosition - position));
      let at = 0;
      let end = frameEnd(bytes, 0, bytes.length);
      while (end >= 0) {
        this.note(offset, position + at);
        if (!visit(offset, bytes, at, end)) return { end: offset, sizeBytes: position + at };
        offset++;
        at = end;
        end = frameEnd(bytes, at, bytes.length);
      }
      position += at;
      if (end === FRAME_BAD || position + FRAME_HEADER_BYTES > untilPosition) break;
      if (at === 0) {
        if (bytes.length < FRAME_HEADER_BYTES || claimedBytes(bytes, 0) <= ask) break;
        ask = claimedBytes(bytes, 0);
      } else ask = readBytes;
    }
    return { end: offset, sizeBytes: position };
  }
}
