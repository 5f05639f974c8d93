// Reading a manifest: ranges tile from where reading begins, holes and half-understood entries are
// named errors, and a listing beside a writer is no hole.
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  lastManifestEntry,
  manifestKey,
  type ObjectStore,
  readManifest,
} from "@tandem/shared-logic";
import { arrayObjectStore } from "./array-object-store.ts";
import { entry, store } from "./manifest-entries.ts";

test("entries come in offset order, from genesis or from a later entry on", async () => {
  const objects = arrayObjectStore();
  const entries = [
    entry(7, 10),
    entry(10, 11, 1, true),
    entry(11, 2000),
    entry(2000, 2001, 2, true),
  ];
  await store(objects, ...entries.toReversed(), entry(0, 5, 0, false, 1));
  assert.deepEqual(await readManifest(objects, "events", 0, 7), entries);
  assert.deepEqual(await readManifest(objects, "events", 0, 11), entries.slice(2));
  assert.deepEqual(await readManifest(objects, "events", 0, 2001), []);
  assert.deepEqual(await readManifest(objects, "none", 0, 0), []);
  assert.deepEqual(await lastManifestEntry(objects, "events", 0), entries[3]);
  assert.equal(await lastManifestEntry(objects, "none", 0), undefined);
});

test("a hole, an overlap or a missing beginning is archive_gap", async () => {
  for (const entries of [
    [entry(0, 5), entry(6, 8)],
    [entry(0, 5), entry(4, 8)],
    [entry(0, 5), entry(3, 4), entry(5, 6)],
    [entry(1, 5)],
  ]) {
    const objects = arrayObjectStore();
    await store(objects, ...entries);
    await assert.rejects(readManifest(objects, "events", 0, 0), { code: "archive_gap" });
  }
});

test("a listing that shows a later entry and not the one before it is no hole", async () => {
  const inner = arrayObjectStore();
  const entries = [entry(0, 5), entry(5, 6), entry(6, 9)];
  await store(inner, ...entries);
  const objects: ObjectStore = {
    ...inner,
    async *list(prefix, after) {
      for await (const object of inner.list(prefix, after)) {
        if (object.key !== manifestKey(entry(5, 6))) yield object;
      }
    },
  };
  assert.deepEqual(await readManifest(objects, "events", 0, 0), entries);
});

test("entries that are not wholly understood are corrupt_bytes", async () => {
  const good = entry(0, 5, 1, true);
  const bad: Record<string, unknown>[] = [
    { to: 0 },
    { to: "5" },
    { sha256: "abc" },
    { days: { monday: 4 } },
    { days: { "18170": 3 } },
    { sentDays: {} },
    { events: 5 },
    { cuts: -1 },
    { receivedMs: null },
    { cut: { seq: 2, activates: [], retires: [] } },
    { cut: { seq: 1, activates: [1], retires: [] } },
    { cut: null },
    { seq: 0.5 },
    { partition: 1 },
    { from: 1, to: 9 },
    { dataset: "others" },
  ];
  const texts = bad.map((change) => JSON.stringify({ ...good, ...change }));
  for (const text of [...texts, "", "null", "[]", "{", `${JSON.stringify(good)}}`]) {
    const objects = arrayObjectStore();
    objects.stored.set(manifestKey(good), new TextEncoder().encode(text));
    await assert.rejects(readManifest(objects, "events", 0, 0), { code: "corrupt_bytes" }, text);
  }
});
