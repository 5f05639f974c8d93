// Records, one after another in one buffer, as a log gives them.
import type { RecordBatch } from "../../src/ports/event-log.ts";

export function batchOf(records: readonly Uint8Array[], firstOffset = 0): RecordBatch {
  const count = records.length;
  const starts = new Int32Array(count);
  const ends = new Int32Array(count);
  const bytes = new Uint8Array(8 + records.reduce((sum, r) => sum + r.length, 0));
  let at = 4;
  records.forEach((record, i) => {
    starts[i] = at;
    bytes.set(record, at);
    at += record.length;
    ends[i] = at;
  });
  return {
    partition: 3,
    to: firstOffset + count,
    count,
    // A view into something larger, as adapters give it.
    bytes: new Uint8Array(bytes.buffer, 2, bytes.length - 4),
    starts: starts.map((s) => s - 2),
    ends: ends.map((e) => e - 2),
    offsets: Float64Array.from({ length: count }, (_, i) => firstOffset + i),
  };
}
