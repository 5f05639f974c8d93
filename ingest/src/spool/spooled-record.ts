// A record as it lies in the spool, little-endian: u32 length of the key, f64 when it came, key, value. The key
// is inside because reading a log gives values only.
import {
  type AppendRecord,
  type EpochMs,
  type RecordBatch,
  TandemError,
} from "@tandem/shared-logic";

const HEADER_BYTES = 12;
const NO_KEY = new Uint8Array(0);

export interface SpooledRecord extends AppendRecord {
  readonly spooledMs: number;
}

export const spooledBytes = ({ key, value }: AppendRecord): number =>
  HEADER_BYTES + key.length + value.length;

export function enclose(record: AppendRecord, now: EpochMs): AppendRecord {
  const { partition, key, value } = record;
  const bytes = new Uint8Array(spooledBytes(record));
  const view = new DataView(bytes.buffer);
  view.setUint32(0, key.length, true);
  view.setFloat64(4, now, true);
  bytes.set(key, HEADER_BYTES);
  bytes.set(value, HEADER_BYTES + key.length);
  return { partition, key: NO_KEY, value: bytes };
}

/** The records of what was read; views of its bytes. */
export function disclose({ partition, bytes, count, starts, ends }: RecordBatch): SpooledRecord[] {
  return Array.from({ length: count }, (_, i) => {
    const enclosed = bytes.subarray(starts[i], ends[i]);
    const view = new DataView(enclosed.buffer, enclosed.byteOffset, enclosed.length);
    const keyEnd =
      enclosed.length < HEADER_BYTES ? Infinity : HEADER_BYTES + view.getUint32(0, true);
    if (keyEnd > enclosed.length) {
      throw new TandemError("corrupt_bytes", {
        message: `A record of the spool's partition ${partition} has no room for its key.`,
        details: { partition },
      });
    }
    return {
      partition,
      spooledMs: view.getFloat64(4, true),
      key: enclosed.subarray(HEADER_BYTES, keyEnd),
      value: enclosed.subarray(keyEnd),
    };
  });
}
