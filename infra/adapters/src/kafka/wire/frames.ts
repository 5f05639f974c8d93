// The frames of a connection: four bytes that say how many follow (kafka.apache.org/protocol, "Network"). The rest of a
// long one is read to where it stays, so that none of it is copied together from pieces; short ones are copied.

import type { AnswerMemory } from "./answer-memory.ts";

const SIZE_BYTES = 4;
const SCRATCH_BYTES = 65_536;
/** Of a frame that says it is longer, no more is taken before so much came. */
const MOST_AT_FIRST_BYTES = 16 << 20;

export class Frames {
  private readonly memory: AnswerMemory;
  private readonly scratch = Buffer.allocUnsafeSlow(SCRATCH_BYTES);
  /** Bytes of the scratch that belong to no frame yet: less than say how long it is. */
  private held = 0;
  /** The one that is being read: what came of it, and how long it will be. */
  private frame: Buffer | undefined;
  private cameBytes = 0;
  private wholeBytes = 0;

  constructor(memory: AnswerMemory) {
    this.memory = memory;
  }

  /** Where the next bytes are to be read to; never empty. */
  room(): Uint8Array {
    if (this.frame === undefined) return this.scratch.subarray(this.held);
    return this.frame.subarray(this.cameBytes);
  }

  /**
   * `n` bytes were read to `room()`: gives each frame that is whole now, its size in front, to `give`, who may keep it.
   * RangeError where the bytes are no frame.
   */
  take(n: number, give: (frame: Buffer) => void): void {
    if (this.frame === undefined) {
      this.takeScratch(this.held + n, give);
      return;
    }
    this.cameBytes += n;
    if (this.cameBytes < this.frame.length) return;
    const { frame } = this;
    if (this.cameBytes < this.wholeBytes) {
      this.begin(frame, Math.min(this.wholeBytes, 2 * frame.length));
      return;
    }
    this.frame = undefined;
    give(frame);
  }

  private takeScratch(until: number, give: (frame: Buffer) => void): void {
    const { scratch } = this;
    let at = 0;
    this.held = 0;
    while (until - at >= SIZE_BYTES) {
      const sizeBytes = scratch.readInt32BE(at);
      if (sizeBytes < SIZE_BYTES) throw new RangeError(`an answer of ${sizeBytes} bytes`);
      const end = at + SIZE_BYTES + sizeBytes;
      if (end > until) {
        this.wholeBytes = SIZE_BYTES + sizeBytes;
        this.begin(scratch.subarray(at, until), Math.min(this.wholeBytes, MOST_AT_FIRST_BYTES));
        return;
      }
      give(Buffer.from(scratch.subarray(at, end)));
      at = end;
    }
    scratch.copy(scratch, 0, at, until);
    this.held = until - at;
  }

  /** Goes on with the frame that begins with these bytes, in a place of so many. */
  private begin(came: Buffer, sizeBytes: number): void {
    const frame = this.memory.take(sizeBytes);
    frame.set(came);
    this.frame = frame;
    this.cameBytes = came.length;
  }
}
