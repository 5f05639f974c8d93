// The S3 object store against the port's contract on a real server, and what is S3's own: parts, pages,
// prefixes.
import assert from "node:assert/strict";
import { test } from "node:test";
import { CreateMultipartUploadCommand } from "@aws-sdk/client-s3";
import { HandClock } from "@tandem/adapters/memory";
import { S3ObjectStore, sweepUploads } from "@tandem/adapters/s3";
import { DAY_MS, epochMs } from "@tandem/shared-logic";
import { objectStoreSuite } from "@tandem/shared-logic/testing";
import { all, errorOf, realBucket } from "./real-bucket.ts";

const bucket = await realBucket();
const PART = 5 * 2 ** 20;
const large = Uint8Array.from({ length: 2 * PART + 12_345 }, (_, i) => (i * 31) ^ (i >> 11));

objectStoreSuite({
  test,
  open: async () => {
    const options = bucket.options();
    return {
      store: await S3ObjectStore.open(options),
      another: () => S3ObjectStore.open(options),
    };
  },
});

test("1: an object in parts is one object, and leaves no upload behind", async () => {
  const store = await S3ObjectStore.open(bucket.options({ partBytes: PART }));
  assert.equal(await store.putIfAbsent("a/large", large), "created");
  assert.equal(await store.putIfAbsent("a/large", large), "exists");
  const other = large.slice();
  other[PART + 1] = ~(other[PART + 1] ?? 0);
  const refused = await errorOf(store.putIfAbsent("a/large", other));
  assert.equal((refused as { code?: string }).code, "object_conflict");
  assert.equal(Buffer.compare((await store.get("a/large")) ?? Buffer.of(), large), 0);
  const range = await store.getRange("a/large", PART - 3, PART + 3);
  assert.deepEqual(range, large.slice(PART - 3, PART + 3));
  assert.equal(await bucket.unfinished(), 0);
  await store.close();
});

test("1: of several who put an object in parts at once one creates it", async () => {
  const options = bucket.options({ partBytes: PART });
  const stores = await Promise.all([1, 2, 3].map(() => S3ObjectStore.open(options)));
  const results = await Promise.all(stores.map((s) => s.putIfAbsent("race", large)));
  assert.deepEqual(results.sort(), ["created", "exists", "exists"]);
  assert.equal(await bucket.unfinished(), 0);
  for (const store of stores) await store.close();
});

test("4: a list goes on over pages, also when keys are removed meanwhile", async () => {
  const store = await S3ObjectStore.open(bucket.options());
  const keys = Array.from({ length: 1_050 }, (_, i) => `k/${String(i).padStart(5, "0")}`);
  for (let i = 0; i < keys.length; i += 50) {
    await Promise.all(keys.slice(i, i + 50).map((k) => store.putIfAbsent(k, Buffer.from(k))));
  }
  const listed: string[] = [];
  for await (const { key } of store.list("k/")) {
    listed.push(key);
    if (listed.length === 1_000) await store.remove(key);
  }
  assert.deepEqual(listed, keys);
  await store.close();
});

test("installations with different prefixes do not see each other's objects", async () => {
  const one = await S3ObjectStore.open(bucket.options({ prefix: "one" }));
  const two = await S3ObjectStore.open(bucket.options({ prefix: "one-more" }));
  await one.putIfAbsent("k", Buffer.from("1"));
  assert.equal(await two.get("k"), undefined);
  assert.equal(await two.putIfAbsent("k", Buffer.from("22")), "created");
  for (const [store, sizeBytes] of [
    [one, 1],
    [two, 2],
  ] as const) {
    const listed = await all(store.list(""));
    assert.deepEqual(listed, [{ key: "k", sizeBytes }]);
    await store.close();
  }
});

test("uploads left unfinished for a day are swept, younger ones and others' are not", async () => {
  const options = bucket.options();
  const begin = (Key: string) =>
    bucket.client.send(new CreateMultipartUploadCommand({ Bucket: options.bucket, Key }));
  await begin(`${options.prefix}/left`);
  await begin("elsewhere/left");
  assert.equal(await sweepUploads(options), 0);
  const clock = new HandClock(epochMs(Date.now() + DAY_MS + 60_000));
  assert.equal(await sweepUploads({ ...options, clock }), 1);
  assert.equal(await bucket.unfinished(), 1);
  const { prefix: _, ...whole } = options;
  assert.equal(await sweepUploads({ ...whole, clock }), 1);
});

test("a key that no store takes is a bug of the caller", async () => {
  const store = await S3ObjectStore.open(bucket.options());
  for (const key of ["", "/a", "a/", "a//b", "../a", "a/./b", "ä", "a b"]) {
    await assert.rejects(async () => store.get(key), RangeError, key);
    await assert.rejects(async () => store.putIfAbsent(key, Buffer.of(1)), RangeError, key);
  }
  await store.close();
});
