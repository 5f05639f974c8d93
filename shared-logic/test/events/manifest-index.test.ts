// The index reads every entry once, and gives offset vectors only for cuts that all partitions reached.
import assert from "node:assert/strict";
import { test } from "node:test";
import { cutOffsets, highestSeq, ManifestIndex, newestCut } from "@tandem/shared-logic";
import { arrayObjectStore } from "./array-object-store.ts";
import { entry, store } from "./manifest-entries.ts";

test("polling takes in what is new, and reads nothing twice", async () => {
  const inner = arrayObjectStore();
  const read: string[] = [];
  const objects = {
    ...inner,
    get: (key: string) => {
      read.push(key);
      return inner.get(key);
    },
  };
  const index = new ManifestIndex(objects, "events", [0, 100]);
  assert.deepEqual([index.end(0), index.end(1)], [0, 100]);
  await store(inner, entry(0, 5), entry(100, 101, 1, true, 1));
  await Promise.all([index.poll(), index.poll()]);
  await store(inner, entry(5, 6, 1, true));
  await index.poll();
  await index.poll();
  assert.deepEqual(index.entries, [
    [entry(0, 5), entry(5, 6, 1, true)],
    [entry(100, 101, 1, true, 1)],
  ]);
  assert.deepEqual([index.end(0), index.end(1)], [6, 101]);
  assert.equal(new Set(read).size, read.length);
});

test("a failed poll leaves what was known, and the next one goes on", async () => {
  const objects = arrayObjectStore();
  const index = new ManifestIndex(objects, "events", [0]);
  await store(objects, entry(0, 5));
  await index.poll();
  await store(objects, entry(6, 8));
  await assert.rejects(index.poll(), { code: "archive_gap" });
  await store(objects, entry(5, 6));
  await index.poll();
  assert.deepEqual(index.entries, [[entry(0, 5), entry(5, 6), entry(6, 8)]]);
});

test("V of a cut is one past its record in every partition, once all have it", () => {
  const first = [entry(0, 5), entry(5, 9, 1, true), entry(9, 20, 1), entry(20, 21, 2, true)];
  const second = [entry(0, 1, 1, true, 1), entry(1, 30, 1, false, 1)];
  assert.deepEqual(cutOffsets([first, second], 1), [9, 1]);
  assert.equal(cutOffsets([first, second], 2), undefined);
  assert.deepEqual(newestCut([first, second]), { seq: 1, v: [9, 1] });
  assert.equal(highestSeq([first, second]), 2);
  const caughtUp = [...second, entry(30, 31, 2, true, 1), entry(31, 32, 2, false, 1)];
  assert.deepEqual(newestCut([first, caughtUp]), { seq: 2, v: [21, 31] });
});

test("a cut that was overtaken in one partition is not the newest", () => {
  const all = [entry(0, 1, 1, true), entry(1, 2, 2, true), entry(2, 3, 3, true)];
  const skipped = [entry(0, 1, 1, true, 1), entry(1, 2, 3, true, 1)];
  assert.equal(cutOffsets([all, skipped], 2), undefined);
  assert.deepEqual(newestCut([all.slice(0, 2), skipped]), { seq: 1, v: [1, 1] });
  assert.deepEqual(newestCut([all, skipped]), { seq: 3, v: [3, 2] });
});

test("before the first cut there is none", () => {
  assert.equal(newestCut([[entry(0, 5)], []]), undefined);
  assert.equal(highestSeq([[entry(0, 5)], []]), 0);
});
