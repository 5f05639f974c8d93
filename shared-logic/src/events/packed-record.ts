// A log record in bytes that it shares with the others of its request: the value stands right behind the key. Views
// of them are made only for whoever asks: forty a request cost more than copying what they show. Key and value are
// getters: `{ ...record }` lacks them.
import type { AppendRecord } from "../ports/event-log.ts";

/** CRC-32 by the byte. */
const TABLE = Int32Array.from({ length: 256 }, (_, byte) => {
  let c = byte;
  for (let k = 0; k < 8; k++) c = c & 1 ? (c >>> 1) ^ 0xedb88320 : c >>> 1;
  return c;
});

/** CRC-32 (zlib's) of a record's key length (u32, little-endian), key and value, begun with their length in place of zero. */
export function recordCheck(
  bytes: Uint8Array,
  keyAt: number,
  valueAt: number,
  end: number,
): number {
  let c = ~(4 + end - keyAt) ^ (valueAt - keyAt);
  for (let i = 0; i < 4; i++) c = (c >>> 8) ^ TABLE[c & 255]!;
  for (let at = keyAt; at < end; at++) c = (c >>> 8) ^ TABLE[(c ^ bytes[at]!) & 255]!;
  return ~c >>> 0;
}

export class PackedRecord implements AppendRecord {
  readonly partition: number;
  readonly bytes: Uint8Array;
  /** Key and value are bytes[keyAt, valueAt) and bytes[valueAt, end). */
  readonly keyAt: number;
  readonly valueAt: number;
  readonly end: number;
  /** As `recordCheck` has it: a log that keeps one with each record need not go through the bytes again. */
  readonly check: number;

  constructor(
    partition: number,
    bytes: Uint8Array,
    keyAt: number,
    valueAt: number,
    end: number,
    check = recordCheck(bytes, keyAt, valueAt, end),
  ) {
    this.partition = partition;
    this.bytes = bytes;
    this.keyAt = keyAt;
    this.valueAt = valueAt;
    this.end = end;
    this.check = check;
  }

  get key(): Uint8Array {
    return this.bytes.subarray(this.keyAt, this.valueAt);
  }

  get value(): Uint8Array {
    return this.bytes.subarray(this.valueAt, this.end);
  }
}
