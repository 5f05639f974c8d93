// A server that loses answers, hangs, says 503 and 409, and carries out late what its caller gave up: the
// stores say rightly what came of it, in bounded time.
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { S3CheckpointStore, S3ObjectStore } from "@tandem/adapters/s3";
import { faultProxy } from "./fault-proxy.ts";
import { environment, errorOf, realBucket } from "./real-bucket.ts";

const bucket = await realBucket();
const proxy = await faultProxy(environment("S3_ENDPOINT"));
after(() => proxy.close());
const PART = 5 * 2 ** 20;
const large = new Uint8Array(PART + 1).fill(7);
const options = (more = {}) =>
  bucket.options({
    endpoint: proxy.endpoint,
    requestTimeoutMs: 400,
    backoffMs: 2,
    partBytes: PART,
    ...more,
  });
const bytes = Buffer.from("bytes");
const code = async (call: Promise<unknown>): Promise<unknown> =>
  ((await errorOf(call)) as { code?: unknown }).code;

test("a put whose answer is lost is created once, by whoever it was", async () => {
  const settings = options();
  const store = await S3ObjectStore.open(settings);
  proxy.fault(/^PUT .*lost/, "lose answer");
  assert.equal(await store.putIfAbsent("lost", bytes), "created");
  proxy.fault(/^PUT .*lost/, "lose answer");
  assert.equal(await store.putIfAbsent("lost", bytes), "exists");
  proxy.fault(/^PUT .*lost/, "lose answer");
  assert.equal(await code(store.putIfAbsent("lost", Buffer.from("other"))), "object_conflict");
  const puts = proxy.seen.filter((line) => /^PUT .*lost/.test(line));
  assert.equal(puts.length, 6, "each was tried twice");
  await store.close();
});

test("an object in parts whose completion's answer is lost is created", async () => {
  const store = await S3ObjectStore.open(options({ requestTimeoutMs: 5_000 }));
  proxy.fault(/^POST .*parts\?uploadId/, "lose answer");
  proxy.fault(/^PUT .*parts.*partNumber=2/, "lose answer");
  assert.equal(await store.putIfAbsent("parts", large), "created");
  assert.equal(await store.putIfAbsent("parts", large), "exists");
  assert.equal(await bucket.unfinished(), 0);
  await store.close();
});

test("an upload in parts that does not get through is aborted", async () => {
  const store = await S3ObjectStore.open(options({ requestTimeoutMs: 5_000 }));
  proxy.fault(/^PUT .*broken.*partNumber=2/, { status: 503, code: "SlowDown" }, 4);
  assert.equal(await code(store.putIfAbsent("broken", large)), "store_unavailable");
  assert.equal(await bucket.unfinished(), 0);
  assert.equal(await store.get("broken"), undefined);
  assert.equal(await store.putIfAbsent("broken", large), "created");
  await store.close();
});

test("409 means again: for a put, and for a whole upload in parts", async () => {
  const retried: string[] = [];
  const onRetry = (_: string, reason: string): void => void retried.push(reason);
  const store = await S3ObjectStore.open(options({ onRetry, requestTimeoutMs: 5_000 }));
  const conflict = { status: 409, code: "ConditionalRequestConflict" };
  proxy.fault(/^PUT .*conflict/, conflict, 2);
  assert.equal(await store.putIfAbsent("conflict", bytes), "created");
  assert.equal(retried.length, 2);
  proxy.fault(/^POST .*conflict2\?uploadId/, conflict);
  assert.equal(await store.putIfAbsent("conflict2", large), "created");
  assert.equal(await bucket.unfinished(), 0);
  await store.close();
});

test("503 is tried again; where it stays, store_unavailable says where", async () => {
  const store = await S3ObjectStore.open(options());
  const busy = { status: 503, code: "SlowDown" };
  for (const method of ["PUT", "GET", "DELETE"])
    proxy.fault(new RegExp(`^${method} .*busy`), busy, 3);
  assert.equal(await store.putIfAbsent("busy", bytes), "created");
  assert.deepEqual(await store.get("busy"), new Uint8Array(bytes));
  await store.remove("busy");
  proxy.fault(/^GET .*busy/, busy, 4);
  const error = await errorOf(store.get("busy"));
  assert.equal((error as { retryable?: boolean }).retryable, true);
  assert.match(error.message, /^getting .*busy failed 4 times at http.*SlowDown 503/);
  await store.close();
});

test("a server that hangs, before or midway, costs bounded time", async () => {
  const store = await S3ObjectStore.open(options({ attempts: 2 }));
  await store.putIfAbsent("hang", Buffer.alloc(100_000, 1));
  for (const fault of ["hang", "hang midway"] as const) {
    proxy.fault(/^GET .*hang/, fault);
    assert.equal((await store.get("hang"))?.length, 100_000, "the second try helps");
    proxy.fault(/^GET .*hang/, fault, 2);
    const began = performance.now();
    assert.equal(await code(store.get("hang")), "store_unavailable");
    const tookMs = performance.now() - began;
    assert.ok(tookMs > 700 && tookMs < 2_500, `${tookMs} ms`);
  }
  proxy.fault(/^PUT .*hangs/, "hang", 2);
  assert.equal(await code(store.putIfAbsent("hangs", bytes)), "store_unavailable");
  await store.close();
});

test("close ends what is under way with `cancelled`, and so does the signal", async () => {
  for (const end of ["close", "signal"]) {
    const off = new AbortController();
    const store = await S3ObjectStore.open(
      options({ signal: off.signal, requestTimeoutMs: 60_000 }),
    );
    proxy.fault(/^GET .*wait/, "hang");
    const got = code(store.get("wait"));
    while (!proxy.seen.at(-1)?.includes("wait")) await new Promise(setImmediate);
    if (end === "close") await store.close();
    else off.abort();
    assert.equal(await got, "cancelled");
    assert.equal(await code(store.get("wait")), "cancelled");
    proxy.seen.length = 0;
    await store.close();
  }
});

test("bytes damaged on the way are fetched again", async () => {
  const store = await S3ObjectStore.open(options());
  await store.putIfAbsent("flip", bytes);
  proxy.fault(/^GET .*flip/, "flip a byte");
  assert.deepEqual(await store.get("flip"), new Uint8Array(bytes));
  proxy.fault(/^GET .*flip/, "flip a byte", 4);
  assert.equal(await code(store.get("flip")), "corrupt_bytes");
  await store.close();
});

test("a checkpoint's write that was given up brings nothing old back when carried out late", async () => {
  const store = await S3CheckpointStore.open(options());
  await store.put("head", Buffer.from("1"));
  let release = (): void => {};
  const heldUntil = new Promise<void>((resolve) => {
    release = resolve;
  });
  let passedOn = (): void => {};
  const late = new Promise<void>((resolve) => {
    passedOn = resolve;
  });
  proxy.fault(/^PUT .*head/, { heldUntil, passedOn: () => passedOn() });
  await store.put("head", Buffer.from("2"));
  await store.put("head", Buffer.from("3"));
  release();
  await late;
  assert.equal(Buffer.from((await store.get("head")) ?? []).toString(), "3");
  await store.close();
});

test("a checkpoint's write whose answer is lost is written once", async () => {
  const store = await S3CheckpointStore.open(options());
  for (const text of ["1", "2", "3"]) {
    proxy.fault(/^PUT .*head/, "lose answer");
    await store.put("head", Buffer.from(text));
    assert.equal(Buffer.from((await store.get("head")) ?? []).toString(), text);
  }
  await store.close();
});
