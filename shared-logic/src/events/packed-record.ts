// A log record in bytes that it shares with the others of its request: the value stands right behind the key. Views
// of them are made only for whoever asks: forty a request cost more than copying what they show. Key and value are
// getters: `{ ...record }` lacks them.
import type { AppendRecord } from "../ports/event-log.ts";

export class PackedRecord implements AppendRecord {
  readonly partition: number;
  readonly bytes: Uint8Array;
  /** Key and value are bytes[keyAt, valueAt) and bytes[valueAt, end). */
  readonly keyAt: number;
  readonly valueAt: number;
  readonly end: number;
  /**
   * CRC-32 (zlib's) of the key's length (u32, little-endian), key and value, begun with their length in place of zero;
   * absent where it was not made (`EventLog.recordChecks`).
   */
  readonly check: number | undefined;

  constructor(
    partition: number,
    bytes: Uint8Array,
    keyAt: number,
    valueAt: number,
    end: number,
    check?: number,
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
