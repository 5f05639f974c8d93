// A growing run of frames in one buffer, with where each value begins and ends: what a group commit
// writes, what the tail keeps in memory and what a read returns. Bytes below `sizeBytes` never change,
// so readers may hold views while more is added behind; only `clear` begins anew, in the same buffer.
import type { AppendRecord } from "@tandem/shared-logic";
import { frameBytes, MAX_PAYLOAD_BYTES, writeFrame } from "./frame.ts";

export class Frames {
  /** By index: what came with a `traceparent`. Absent while nothing did. */
  traces: { readonly index: number; readonly traceparent: string }[] | undefined;
  bytes: Uint8Array;
  starts: Int32Array;
  ends: Int32Array;
  count = 0;
  sizeBytes = 0;

  constructor(capacityBytes: number) {
    this.bytes = new Uint8Array(Buffer.allocUnsafeSlow(capacityBytes).buffer);
    this.starts = new Int32Array(64);
    this.ends = new Int32Array(64);
  }

  add(record: AppendRecord): void {
    const size = frameBytes(record);
    if (size > MAX_PAYLOAD_BYTES) throw new RangeError(`a record of ${size} bytes is too large`);
    this.room(size, 1);
    const end = this.sizeBytes + size;
    const { traceparent } = record;
    if (traceparent !== undefined) {
      this.traces ??= [];
      this.traces.push({ index: this.count, traceparent });
    }
    this.starts[this.count] = writeFrame(this.bytes, this.sizeBytes, end, record);
    this.ends[this.count++] = end;
    this.sizeBytes = end;
  }

  clear(): void {
    this.count = 0;
    this.sizeBytes = 0;
    this.traces = undefined;
  }

  addAll(other: Frames): void {
    this.room(other.sizeBytes, other.count);
    this.bytes.set(other.bytes.subarray(0, other.sizeBytes), this.sizeBytes);
    for (let i = 0; i < other.count; i++) {
      this.starts[this.count] = this.sizeBytes + (other.starts[i] ?? 0);
      this.ends[this.count++] = this.sizeBytes + (other.ends[i] ?? 0);
    }
    this.sizeBytes += other.sizeBytes;
  }

  /** Where frame i begins. */
  frameStart(i: number): number {
    return i === 0 ? 0 : (this.ends[i - 1] ?? 0);
  }

  private room(bytes: number, count: number): void {
    const needed = this.sizeBytes + bytes;
    if (needed > this.bytes.length) {
      const capacity = Math.max(needed, this.bytes.length * 2);
      const wider = new Uint8Array(Buffer.allocUnsafeSlow(capacity).buffer);
      wider.set(this.bytes.subarray(0, this.sizeBytes));
      this.bytes = wider;
    }
    if (this.count + count > this.starts.length) {
      const capacity = Math.max(this.count + count, this.starts.length * 2);
      this.starts = widen(this.starts, capacity);
      this.ends = widen(this.ends, capacity);
    }
  }
}

function widen(old: Int32Array, capacity: number): Int32Array {
  const wider = new Int32Array(capacity);
  wider.set(old);
  return wider;
}
