// Bytes one behind the other, in room that grows.

const SHORT_BYTES = 48;

export class ByteBuffer {
  /** The first `sizeBytes` count. */
  bytes: Uint8Array;
  sizeBytes = 0;

  constructor(capacityBytes: number) {
    this.bytes = new Uint8Array(capacityBytes);
  }

  append(source: Uint8Array, from: number, until: number): void {
    const at = this.sizeBytes;
    const end = at + until - from;
    if (end > this.bytes.length) {
      const wider = new Uint8Array(Math.max(end, this.bytes.length * 2));
      wider.set(this.bytes.subarray(0, at));
      this.bytes = wider;
    }
    const { bytes } = this;
    if (until - from > SHORT_BYTES) bytes.set(source.subarray(from, until), at);
    else for (let i = from, to = at; to < end; i++, to++) bytes[to] = source[i]!;
    this.sizeBytes = end;
  }
}
