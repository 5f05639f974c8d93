// Records for a worker thread in memory that both see. Posting them as they are would copy all of an object's
// at once, and with them the whole buffers they lie in: no event is taken and no query answered meanwhile.
import { setImmediate as nextTurn } from "node:timers/promises";
import type { RecordBatch } from "@tandem/shared-logic";

/** Others get their turn after this much. */
const TURN_BYTES = 1024 * 1024;

export async function sharedBatches(batches: readonly RecordBatch[]): Promise<RecordBatch[]> {
  const shared: RecordBatch[] = [];
  let turn = TURN_BYTES;
  for (const batch of batches) {
    const { partition, to, count } = batch;
    const from = batch.starts[0] ?? 0;
    const until = batch.ends[count - 1] ?? 0;
    const bytes = new Uint8Array(new SharedArrayBuffer(until - from));
    bytes.set(batch.bytes.subarray(from, until));
    shared.push({
      partition,
      to,
      count,
      bytes,
      starts: batch.starts.map((at) => at - from),
      ends: batch.ends.map((at) => at - from),
      offsets: batch.offsets.slice(),
    });
    turn -= bytes.length;
    if (turn > 0) continue;
    turn = TURN_BYTES;
    await nextTurn();
  }
  return shared;
}

/** In the thread: memory of its own, as what decodes texts and hashes wants it. */
export const ownBatches = (batches: readonly RecordBatch[]): RecordBatch[] =>
  batches.map((batch) => ({ ...batch, bytes: batch.bytes.slice() }));
