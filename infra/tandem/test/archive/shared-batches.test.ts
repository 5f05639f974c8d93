// What goes to a worker thread: the same records, in memory of their own that both threads see, with turns for
// others in between.
import assert from "node:assert/strict";
import { test } from "node:test";
import { MessageChannel, receiveMessageOnPort } from "node:worker_threads";
import type { RecordBatch } from "@tandem/shared-logic";
import { ownBatches, sharedBatches } from "../../src/threads/shared-batches.ts";

/** Three records in the middle of a buffer, with something between them. */
function batch(sizeBytes: number): RecordBatch {
  const bytes = Uint8Array.from({ length: 5 * sizeBytes + 100 }, (_, i) => i * 7);
  const starts = Int32Array.from([0, 1, 2], (i) => 50 + i * (sizeBytes + 5));
  const ends = starts.map((at) => at + sizeBytes);
  return {
    partition: 2,
    to: 13,
    count: 3,
    bytes,
    starts,
    ends,
    offsets: Float64Array.of(10, 11, 12),
  };
}

const values = ({ bytes, starts, ends }: RecordBatch): Uint8Array[] =>
  Array.from(starts, (from, i) => bytes.slice(from, ends[i]));

test("a thread sees the same records and nothing around them", async () => {
  const batches = [batch(10), batch(1000)];
  const { port1, port2 } = new MessageChannel();
  port1.postMessage(await sharedBatches(batches));
  const seen = ownBatches(receiveMessageOnPort(port2)?.message);
  port1.close();
  assert.deepEqual(seen.map(values), batches.map(values));
  for (const [i, one] of seen.entries()) {
    assert.equal(one.bytes.length, [40, 3010][i]);
    assert.ok(one.bytes.buffer instanceof ArrayBuffer);
    const { partition, to, count, offsets } = one;
    assert.deepEqual([partition, to, count, [...offsets]], [2, 13, 3, [10, 11, 12]]);
  }
});

test("others get turns while much is copied, and what is posted is not copied again", async () => {
  let turns = 0;
  let counting = setImmediate(function next() {
    turns++;
    counting = setImmediate(next);
  });
  const shared = await sharedBatches(Array.from({ length: 12 }, () => batch(400_000)));
  clearImmediate(counting);
  assert.ok(turns >= 10, `${turns} turns`);
  assert.ok(shared.every(({ bytes }) => bytes.buffer instanceof SharedArrayBuffer));
});
