// The S3 checkpoint store against the port's contract on a real server, and checkpoints in parts.
import assert from "node:assert/strict";
import { test } from "node:test";
import { PutObjectCommand } from "@aws-sdk/client-s3";
import { S3CheckpointStore } from "@tandem/adapters/s3";
import { checkpointStoreSuite } from "@tandem/shared-logic/testing";
import { realBucket } from "./real-bucket.ts";

const bucket = await realBucket();
const PART = 5 * 2 ** 20;

checkpointStoreSuite({
  test,
  open: async () => {
    const options = bucket.options();
    return {
      store: await S3CheckpointStore.open(options),
      reopen: () => S3CheckpointStore.open(options),
    };
  },
});

test("1: large checkpoints are replaced whole too, and readers see one version", async () => {
  const options = bucket.options({ partBytes: PART });
  const [writer, reader] = await Promise.all([1, 2].map(() => S3CheckpointStore.open(options)));
  const versions = [1, 2, 3].map((n) => new Uint8Array(PART + 1_000 * n).fill(n));
  await writer?.put("large", versions[0] ?? new Uint8Array());
  let writing = true;
  const written = (async () => {
    for (const version of versions) await writer?.put("large", version);
    writing = false;
  })();
  while (writing) {
    const bytes = await reader?.get("large");
    const n = bytes?.[0] ?? 0;
    assert.equal(bytes?.length, PART + 1_000 * n);
    assert.ok(bytes?.every((b) => b === n));
  }
  await written;
  await writer?.put("large", Buffer.from("small again"));
  assert.equal(Buffer.from((await reader?.get("large")) ?? []).toString(), "small again");
  assert.equal(await bucket.unfinished(), 0);
});

test("1: two machines replace the same name in turns", async () => {
  const options = bucket.options();
  const [one, two] = await Promise.all([1, 2].map(() => S3CheckpointStore.open(options)));
  for (let i = 0; i < 4; i++) {
    await one?.put("head", Buffer.from(`one ${i}`));
    assert.equal(Buffer.from((await two?.get("head")) ?? []).toString(), `one ${i}`);
    await two?.put("head", Buffer.from(`two ${i}`));
    assert.equal(Buffer.from((await one?.get("head")) ?? []).toString(), `two ${i}`);
  }
  await one?.remove("head");
  await two?.put("head", Buffer.from("after"));
  assert.equal(Buffer.from((await one?.get("head")) ?? []).toString(), "after");
});

test("a checkpoint whose bytes changed at rest is refused", async () => {
  const options = bucket.options({ backoffMs: 1 });
  const store = await S3CheckpointStore.open(options);
  await store.put("head", Buffer.from("what was saved"));
  await bucket.client.send(
    new PutObjectCommand({
      Bucket: options.bucket,
      Key: `${options.prefix}/head`,
      Body: "what was sawed",
      Metadata: { "tandem-sha256": "8Er4hAGW0BpIxKyAkQlMfNqyLw8gUTYmVGXyjU8VVfM=" },
    }),
  );
  await assert.rejects(store.get("head"), { code: "corrupt_bytes" });
});
