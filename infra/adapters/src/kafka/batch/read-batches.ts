// From the bytes of a fetch response to a RecordBatch, without an object per record: batch headers
// first, then one walk over the records. Uncompressed values stay where the response has them.
import { type RecordBatch, TandemError, type TracedRecord } from "@tandem/shared-logic";
import { int64At } from "../wire/wire-reader.ts";
import { AbortedFilter, type AbortedTransaction } from "./aborted-filter.ts";
import { decompress } from "./compression.ts";
import { crc32c } from "./crc32c.ts";
import { ATTRIBUTE, BATCH, LENGTH_STARTS_AT, MAGIC, SMALLEST_RECORD_BYTES } from "./layout.ts";
import { RecordCursor } from "./record-cursor.ts";
import { traceHeader } from "./trace-header.ts";

export interface FetchedBatches {
  readonly partition: number;
  /** Whole batches, of which the last may be cut short. */
  readonly bytes: Buffer;
  readonly aborted: readonly AbortedTransaction[];
}

interface Records {
  readonly bytes: Buffer;
  from: number;
  until: number;
  readonly baseOffset: number;
  readonly count: number;
  /** Where to read on behind it. */
  readonly to: number;
}

/** Records from `from` on, in values of about `maxBytes`. With no whole batch, `to` stays at `from`. */
export function readBatches(fetched: FetchedBatches, from: number, maxBytes: number): RecordBatch {
  const { bytes, partition } = fetched;
  const filter = new AbortedFilter(fetched.aborted);
  const parts: Records[] = [];
  let to = from;
  let sizeBytes = 0;
  let compressed = false;
  for (let at = 0; at + BATCH.records <= bytes.length && sizeBytes <= maxBytes; ) {
    const end = at + LENGTH_STARTS_AT + bytes.readInt32BE(at + BATCH.length);
    if (end > bytes.length) break;
    checkBatch(bytes, at, end);
    const attributes = bytes.readInt16BE(at + BATCH.attributes);
    const baseOffset = int64At(bytes, at);
    const next = baseOffset + bytes.readInt32BE(at + BATCH.lastOffsetDelta) + 1;
    const code = attributes & ATTRIBUTE.compression;
    if (filter.keeps(bytes, at, attributes, next - 1) && next > from) {
      const plain = code === 0 ? bytes : decompress(bytes.subarray(at + BATCH.records, end), code);
      const start = code === 0 ? at + BATCH.records : 0;
      const until = code === 0 ? end : plain.length;
      const count = bytes.readInt32BE(at + BATCH.count);
      if (count < 0 || count * SMALLEST_RECORD_BYTES > until - start) {
        throw damaged(baseOffset, `claims ${count} records`);
      }
      compressed ||= code !== 0;
      sizeBytes += until - start;
      parts.push({ bytes: plain, from: start, until, baseOffset, count, to: next });
    }
    to = Math.max(to, next);
    at = end;
  }
  const joined = compressed ? join(parts, sizeBytes) : bytes;
  return collect(joined, parts, { partition, from, to, maxBytes });
}

interface Bounds {
  readonly partition: number;
  readonly from: number;
  readonly to: number;
  readonly maxBytes: number;
}

function collect(bytes: Buffer, parts: readonly Records[], bounds: Bounds): RecordBatch {
  const { partition, from, maxBytes } = bounds;
  const most = parts.reduce((sum, part) => sum + part.count, 0);
  const starts = new Int32Array(most);
  const ends = new Int32Array(most);
  const offsets = new Float64Array(most);
  const cursor = new RecordCursor(bytes);
  let traces: TracedRecord[] | undefined;
  let count = 0;
  let sizeBytes = 0;
  let to = bounds.to;
  for (const part of parts) {
    cursor.enter(part.from, part.until);
    for (let i = 0; i < part.count; i++) {
      cursor.next();
      const offset = part.baseOffset + cursor.offsetDelta;
      if (offset < from) continue;
      if (offset >= part.to) throw damaged(part.baseOffset, `holds offset ${offset}`);
      sizeBytes += cursor.valueEnd - cursor.valueStart;
      if (count > 0 && sizeBytes > maxBytes) {
        to = offset;
        return { partition, to, ...trimmed(bytes, count, starts, ends, offsets, traces) };
      }
      if (cursor.hasHeaders) {
        const traceparent = traceHeader(bytes, cursor.valueEnd, cursor.end);
        if (traceparent !== undefined) {
          traces ??= [];
          traces.push({ offset, traceparent });
        }
      }
      starts[count] = cursor.valueStart;
      ends[count] = cursor.valueEnd;
      offsets[count++] = offset;
    }
  }
  return { partition, to, ...trimmed(bytes, count, starts, ends, offsets, traces) };
}

function trimmed(
  bytes: Buffer,
  count: number,
  starts: Int32Array,
  ends: Int32Array,
  offsets: Float64Array,
  traces: readonly TracedRecord[] | undefined,
) {
  return {
    count,
    bytes: new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length),
    starts: starts.subarray(0, count),
    ends: ends.subarray(0, count),
    offsets: offsets.subarray(0, count),
    ...(traces && { traces }),
  };
}

/** The records of all parts in one memory; the parts are told where theirs now lie. */
function join(parts: readonly Records[], sizeBytes: number): Buffer {
  const [only] = parts;
  if (parts.length === 1 && only !== undefined) return only.bytes;
  const joined = Buffer.allocUnsafe(sizeBytes);
  let at = 0;
  for (const part of parts) {
    joined.set(part.bytes.subarray(part.from, part.until), at);
    const size = part.until - part.from;
    part.from = at;
    part.until = at + size;
    at += size;
  }
  return joined;
}

function checkBatch(bytes: Buffer, at: number, end: number): void {
  if (end - at < BATCH.records) throw damaged(int64At(bytes, at), "is shorter than its header");
  const magic = bytes[at + BATCH.magic];
  if (magic !== MAGIC) {
    throw new TandemError("configuration", {
      message: `The topic holds messages of format ${magic}; Tandem reads format 2 (Kafka 0.11 and newer). Let the brokers convert the topic, or bridge it.`,
      details: { format: magic },
    });
  }
  const crc = crc32c(bytes.subarray(at + BATCH.attributes, end));
  if (crc !== bytes.readUInt32BE(at + BATCH.crc)) {
    throw damaged(int64At(bytes, at), "does not have its checksum");
  }
}

function damaged(baseOffset: number, what: string): TandemError {
  return new TandemError("corrupt_bytes", {
    message: `The record batch at offset ${baseOffset} ${what}.`,
    details: { baseOffset },
  });
}
