// A read counts what it gave, not the buffer that this lies in: else a quiet partition whose log keeps a megabyte in
// memory would look like one that is far behind.
import assert from "node:assert/strict";
import { test } from "node:test";
import type { RecordBatch } from "@tandem/shared-logic";
import { batchBytes } from "../src/batch-bytes.ts";

const batchOf = (starts: readonly number[], ends: readonly number[]): RecordBatch => ({
  partition: 0,
  to: starts.length,
  count: starts.length,
  bytes: new Uint8Array(1000),
  starts: Int32Array.from(starts),
  ends: Int32Array.from(ends),
  offsets: Float64Array.from(starts, (_, i) => i),
});

test("a batch is as large as from its first value to its last one's end", () => {
  assert.equal(batchBytes(batchOf([600, 660], [650, 700])), 100);
  assert.equal(batchBytes(batchOf([], [])), 0);
});
