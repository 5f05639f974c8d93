// A record as it lies in the spool, little-endian: u32 length of the key, f64 when it came, key, value. The key
// is inside because reading a log gives values only. Where the length's highest bit is set, the record came with a
// trace, which stands before the key: u8 length, ASCII.
import {
  type AppendRecord,
  type EpochMs,
  type RecordBatch,
  TandemError,
} from "@tandem/shared-logic";

const HEADER_BYTES = 12;
const TRACED = 0x8000_0000;
const LONGEST_TRACE = 255;
const NO_KEY = new Uint8Array(0);

export interface SpooledRecord extends AppendRecord {
  readonly spooledMs: number;
}

const ascii = new TextDecoder("latin1");

/** A trace too long for its place is lost, as a log may lose any. */
const traceOf = ({ traceparent }: AppendRecord): string | undefined =>
  traceparent !== undefined && traceparent.length <= LONGEST_TRACE ? traceparent : undefined;

function traceBytes(record: AppendRecord): number {
  const trace = traceOf(record);
  return trace === undefined ? 0 : 1 + trace.length;
}

export const spooledBytes = (record: AppendRecord): number =>
  HEADER_BYTES + traceBytes(record) + record.key.length + record.value.length;

export function enclose(record: AppendRecord, now: EpochMs): AppendRecord {
  const { partition, key, value } = record;
  const trace = traceOf(record);
  const bytes = new Uint8Array(spooledBytes(record));
  const view = new DataView(bytes.buffer);
  view.setUint32(0, trace === undefined ? key.length : key.length + TRACED, true);
  view.setFloat64(4, now, true);
  let at = HEADER_BYTES;
  if (trace !== undefined) {
    bytes[at++] = trace.length;
    for (let i = 0; i < trace.length; i++) bytes[at++] = trace.charCodeAt(i);
  }
  bytes.set(key, at);
  bytes.set(value, at + key.length);
  return { partition, key: NO_KEY, value: bytes };
}

/** The records of what was read; views of its bytes. */
export function disclose({ partition, bytes, count, starts, ends }: RecordBatch): SpooledRecord[] {
  return Array.from({ length: count }, (_, i) => {
    const enclosed = bytes.subarray(starts[i], ends[i]);
    if (enclosed.length < HEADER_BYTES) throw cutShort(partition);
    const view = new DataView(enclosed.buffer, enclosed.byteOffset, enclosed.length);
    const length = view.getUint32(0, true);
    const traced = length >= TRACED;
    const traceEnd = HEADER_BYTES + (traced ? 1 + (enclosed[HEADER_BYTES] ?? LONGEST_TRACE) : 0);
    const keyEnd = traceEnd + (traced ? length - TRACED : length);
    if (keyEnd > enclosed.length) throw cutShort(partition);
    const trace = traced && ascii.decode(enclosed.subarray(HEADER_BYTES + 1, traceEnd));
    return {
      partition,
      spooledMs: view.getFloat64(4, true),
      key: enclosed.subarray(traceEnd, keyEnd),
      value: enclosed.subarray(keyEnd),
      ...(trace ? { traceparent: trace } : {}),
    };
  });
}

const cutShort = (partition: number): TandemError =>
  new TandemError("corrupt_bytes", {
    message: `A record of the spool's partition ${partition} has no room for its key.`,
    details: { partition },
  });
