// The tail: what a reader was given never changes, however much is appended afterwards, though memory that
// nobody was given is used again.
import assert from "node:assert/strict";
import { test } from "node:test";
import type { RecordBatch } from "@tandem/shared-logic";
import { Frames } from "../../../src/embedded/log/frames.ts";
import { Tail } from "../../../src/embedded/log/tail.ts";

const LIMIT_BYTES = 2 * 1024 * 1024;
const RECORD_BYTES = 100_000;

function filling(tail: Tail) {
  let next = 0;
  const frames = new Frames(1024);
  return (records: number): void => {
    for (let i = 0; i < records; i++) {
      frames.clear();
      frames.add({
        partition: 0,
        key: new Uint8Array(0),
        value: new Uint8Array(RECORD_BYTES).fill(next),
      });
      assert.equal(tail.keeps(frames), false);
      tail.add(next++, frames);
    }
  };
}

const valuesOf = (batch: RecordBatch | undefined): number[] =>
  Array.from({ length: batch?.count ?? 0 }, (_, i) => batch?.bytes[batch.starts[i] ?? 0] ?? -1);

test("a batch that was read stays as it was", () => {
  const tail = new Tail(0, LIMIT_BYTES);
  const add = filling(tail);
  add(10);
  const batch = tail.read(3, 500_000);
  const before = valuesOf(batch);
  assert.deepEqual(before.slice(0, 2), [3, 4]);
  add(200);
  assert.deepEqual(valuesOf(batch), before);
  assert.equal(tail.read(3, 500_000), undefined, "no longer kept");
});

test("memory that was lent is never given out again, unread memory holds what is appended", () => {
  const tail = new Tail(0, LIMIT_BYTES);
  const add = filling(tail);
  const buffers = new Set<ArrayBufferLike>();
  for (let i = 0; i < 30; i++) {
    add(10);
    // Looking at the newest chunk lends it; every other chunk stays unread.
    if (i % 2 === 0) buffers.add(tail.read(i * 10 + 9, 1)?.bytes.buffer ?? new ArrayBuffer(0));
  }
  assert.equal(buffers.size, 15, "what was lent is never given out again");
  const unread = new Tail(0, LIMIT_BYTES);
  const addUnread = filling(unread);
  addUnread(100);
  assert.deepEqual(valuesOf(unread.read(99, 1)), [99]);
});
