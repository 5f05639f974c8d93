// Memory that long answers are read to, used again once nobody reads the last one in it. A worker that catches up takes
// megabytes after megabytes: made anew for each, the system clears their pages and V8 marks its heap for every 64 MB.

/** Shorter ones are made anew. */
const LEAST_BYTES = 1 << 16;
/** Of those that wait to be used again. */
const MOST_WAITING_BYTES = 16 << 20;

export class AnswerMemory {
  /** Given out, and not said to be free. */
  private readonly lent = new WeakSet<ArrayBufferLike>();
  private readonly waiting: ArrayBuffer[] = [];
  private waitingBytes = 0;

  /** Memory of exactly `sizeBytes`, with whatever it held before. */
  take(sizeBytes: number): Buffer {
    if (sizeBytes < LEAST_BYTES) return Buffer.allocUnsafeSlow(sizeBytes);
    const memory = this.waitingFor(sizeBytes) ?? newMemory(sizeBytes);
    this.lent.add(memory);
    return Buffer.from(memory, 0, sizeBytes);
  }

  /** Nobody reads any more what lies in the memory of `bytes`. Other memory, and what was freed before, is left alone. */
  free(bytes: Uint8Array): void {
    const memory = bytes.buffer;
    if (!(memory instanceof ArrayBuffer) || !this.lent.delete(memory)) return;
    if (this.waitingBytes + memory.byteLength > MOST_WAITING_BYTES) return;
    this.waiting.push(memory);
    this.waitingBytes += memory.byteLength;
  }

  /** Large enough, and no more than twice of what is needed. */
  private waitingFor(sizeBytes: number): ArrayBuffer | undefined {
    const at = this.waiting.findLastIndex(
      ({ byteLength }) => byteLength >= sizeBytes && byteLength <= 2 * sizeBytes,
    );
    if (at < 0) return undefined;
    const [memory] = this.waiting.splice(at, 1);
    this.waitingBytes -= memory?.byteLength ?? 0;
    return memory;
  }
}

/** A little more than asked for: the next answer may be some bytes longer. */
function newMemory(sizeBytes: number): ArrayBuffer {
  const { buffer } = Buffer.allocUnsafeSlow(
    Math.ceil((sizeBytes * 17) / 16 / LEAST_BYTES) * LEAST_BYTES,
  );
  if (!(buffer instanceof ArrayBuffer)) throw new TypeError("memory of its own was asked for");
  return buffer;
}
