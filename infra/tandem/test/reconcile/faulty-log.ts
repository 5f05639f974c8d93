// A log as a speed worker with a fault sees it: some events are not there, or are there once more under an id that
// nothing has seen. Batch reads the archive, which is right.
import {
  below,
  type EventLog,
  type Random,
  RECORD_EVENT,
  RECORD_MAGIC,
  type RecordBatch,
} from "@tandem/shared-logic";

export interface Faults {
  /** Shares of the events. */
  readonly drop?: number;
  readonly duplicate?: number;
}

export interface Injected {
  dropped: number;
  duplicated: number;
}

export function faultyLog(log: EventLog, random: Random, faults: Faults): [EventLog, Injected] {
  const injected = { dropped: 0, duplicated: 0 };
  const hits = (share = 0): boolean => below(random, 1_000_000) < share * 1_000_000;
  const read = async (...args: Parameters<EventLog["read"]>): Promise<RecordBatch> => {
    const batch = await log.read(...args);
    const records: { offset: number; value: Uint8Array }[] = [];
    for (let i = 0; i < batch.count; i++) {
      const value = batch.bytes.slice(batch.starts[i], batch.ends[i]);
      const offset = batch.offsets[i] ?? 0;
      if (value[0] !== RECORD_MAGIC || value[2] !== RECORD_EVENT) {
        records.push({ offset, value });
      } else if (hits(faults.drop)) {
        injected.dropped++;
      } else {
        records.push({ offset, value });
        if (!hits(faults.duplicate)) continue;
        injected.duplicated++;
        const again = value.slice();
        for (let at = 4; at < 20; at++) again[at] = below(random, 256);
        records.push({ offset, value: again });
      }
    }
    return batchOf(batch, records);
  };
  return [Object.create(log, { read: { value: read } }) as EventLog, injected];
}

function batchOf(
  { partition, to }: RecordBatch,
  records: readonly { readonly offset: number; readonly value: Uint8Array }[],
): RecordBatch {
  const bytes = new Uint8Array(records.reduce((n, r) => n + r.value.length, 0));
  const starts = new Int32Array(records.length);
  const ends = new Int32Array(records.length);
  let at = 0;
  for (const [i, { value }] of records.entries()) {
    bytes.set(value, at);
    starts[i] = at;
    at += value.length;
    ends[i] = at;
  }
  const offsets = Float64Array.from(records, (r) => r.offset);
  return { partition, to, count: records.length, bytes, starts, ends, offsets };
}
