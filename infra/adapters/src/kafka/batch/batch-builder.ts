// A record batch while it is gathered: each record is copied in as it will lie on the wire, so nothing
// is kept per record and what the caller does with its buffers later changes nothing.

import { writeInt64 } from "../wire/wire-writer.ts";
import { COMPRESSION_CODE, type Compression, compress } from "./compression.ts";
import { crc32c } from "./crc32c.ts";
import { BATCH, LENGTH_STARTS_AT, MAGIC } from "./layout.ts";
import { putTraceHeader, TRACE_HEADER_BYTES } from "./trace-header.ts";

/** Who sends it, and the number of its first record among all it sent to the partition. */
export interface BatchIdentity {
  readonly producerId: number;
  readonly producerEpoch: number;
  readonly sequence: number;
}

const START_BYTES = 2048;
/** Attributes, five varints of at most five bytes, one of ten. */
const MOST_RECORD_OVERHEAD = 40;

export class BatchBuilder {
  private bytes = Buffer.allocUnsafe(START_BYTES);
  private size: number = BATCH.records;
  private firstMs = 0;
  private latestMs = 0;
  count = 0;

  get sizeBytes(): number {
    return this.size;
  }

  add(key: Uint8Array, value: Uint8Array, nowMs: number, traceparent?: string): void {
    if (this.count === 0) this.firstMs = nowMs;
    this.latestMs = Math.max(this.latestMs, nowMs);
    const headers = traceparent === undefined ? 1 : TRACE_HEADER_BYTES;
    this.grow(key.length + value.length + MOST_RECORD_OVERHEAD + headers);
    // The latest so far where a clock went back: differences are written without a sign.
    const after = this.latestMs - this.firstMs;
    const body =
      1 +
      varintBytes(after) +
      varintBytes(this.count) +
      varintBytes(key.length) +
      key.length +
      varintBytes(value.length) +
      value.length +
      headers;
    const b = this.bytes;
    let at = putVarint(b, this.size, body);
    b[at++] = 0;
    at = putVarint(b, at, after);
    at = putVarint(b, at, this.count);
    at = putVarint(b, at, key.length);
    b.set(key, at);
    at = putVarint(b, at + key.length, value.length);
    b.set(value, at);
    at += value.length;
    if (traceparent === undefined) b[at++] = 0;
    else at = putTraceHeader(b, at, traceparent);
    this.size = at;
    this.count++;
  }

  /** Compresses the records; nothing is added after. */
  async seal(compression: Compression): Promise<void> {
    const packed = compress(this.bytes.subarray(BATCH.records, this.size), compression);
    if (compression !== "none") {
      const records = await packed;
      this.bytes = Buffer.concat([this.bytes.subarray(0, BATCH.records), records]);
      this.size = this.bytes.length;
    }
    this.bytes.writeInt16BE(COMPRESSION_CODE[compression], BATCH.attributes);
  }

  /** The sealed batch as bytes; again with another identity gives another batch of the same records. */
  signed(identity: BatchIdentity): Buffer {
    const b = this.bytes;
    writeInt64(b, 0, BATCH.baseOffset);
    b.writeInt32BE(this.size - LENGTH_STARTS_AT, BATCH.length);
    b.writeInt32BE(-1, BATCH.leaderEpoch);
    b[BATCH.magic] = MAGIC;
    b.writeInt32BE(this.count - 1, BATCH.lastOffsetDelta);
    writeInt64(b, this.firstMs, BATCH.baseTimestamp);
    writeInt64(b, this.latestMs, BATCH.maxTimestamp);
    writeInt64(b, identity.producerId, BATCH.producerId);
    b.writeInt16BE(identity.producerEpoch, BATCH.producerEpoch);
    b.writeInt32BE(identity.sequence, BATCH.baseSequence);
    b.writeInt32BE(this.count, BATCH.count);
    b.writeUInt32BE(crc32c(b.subarray(BATCH.attributes, this.size)), BATCH.crc);
    return b.subarray(0, this.size);
  }

  private grow(moreBytes: number): void {
    if (this.size + moreBytes <= this.bytes.length) return;
    const larger = Buffer.allocUnsafe(Math.max(2 * this.bytes.length, this.size + moreBytes));
    larger.set(this.bytes.subarray(0, this.size));
    this.bytes = larger;
  }
}

/** Zigzag, for numbers from 0 to 2^31 - 1. */
function varintBytes(value: number): number {
  let bytes = 1;
  for (let v = value * 2; v >= 128; v = Math.floor(v / 128)) bytes++;
  return bytes;
}

function putVarint(bytes: Uint8Array, at: number, value: number): number {
  let v = value * 2;
  let to = at;
  while (v >= 128) {
    bytes[to++] = (v & 127) | 128;
    v = Math.floor(v / 128);
  }
  bytes[to++] = v;
  return to;
}
