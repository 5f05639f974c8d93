// Slices of record batches, and whether two sequences of them hold the same records.
import type { RecordBatch } from "@tandem/shared-logic";

/** Records [from, until) as a batch of their own over the same bytes. */
export function sliceBatch(batch: RecordBatch, from: number, until: number): RecordBatch {
  if (from === 0 && until === batch.count) return batch;
  return {
    partition: batch.partition,
    to: until === batch.count ? batch.to : batch.offsets[until - 1]! + 1,
    count: until - from,
    bytes: batch.bytes,
    starts: batch.starts.subarray(from, until),
    ends: batch.ends.subarray(from, until),
    offsets: batch.offsets.subarray(from, until),
  };
}

function* records(
  batches: readonly RecordBatch[],
): Generator<{ offset: number; value: Uint8Array }> {
  for (const { count, bytes, starts, ends, offsets } of batches) {
    for (let i = 0; i < count; i++) {
      yield { offset: offsets[i]!, value: bytes.subarray(starts[i]!, ends[i]!) };
    }
  }
}

/** Equal offsets and equal bytes, however they are cut into batches. */
export function sameRecords(a: readonly RecordBatch[], b: readonly RecordBatch[]): boolean {
  const theirs = records(b);
  for (const { offset, value } of records(a)) {
    const other = theirs.next();
    if (other.done || other.value.offset !== offset) return false;
    if (Buffer.compare(other.value.value, value) !== 0) return false;
  }
  return theirs.next().done === true;
}
