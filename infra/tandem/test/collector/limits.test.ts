// Limits of size, encoding, number, rate, memory and time: each has its own answer, and none costs more
// than the limit says.
import assert from "node:assert/strict";
import { request as httpRequest } from "node:http";
import { connect } from "node:net";
import { test } from "node:test";
import { deflateSync, gzipSync } from "node:zlib";
import { event, json, startCollector } from "./collector-fixture.ts";

const gzip = { "content-encoding": "gzip" };

test("a gzip bomb is cut off at the limit", async (t) => {
  const { post, collector, deadLetters } = await startCollector(t);
  for (const encoding of ["gzip", "deflate"] as const) {
    const pack = encoding === "gzip" ? gzipSync : deflateSync;
    for (const [size, what] of [
      [10_000_000, "ratio, on the spot"],
      [100_000_000, "ratio, in the pool"],
    ] as const) {
      const bomb = pack(Buffer.alloc(size, 0x20));
      const before = process.memoryUsage().arrayBuffers;
      const { status, body } = await post(bomb, { "content-encoding": encoding });
      assert.deepEqual([status, body.error.code], [413, "too_large"], what);
      assert.ok(process.memoryUsage().arrayBuffers - before < 50_000_000, what);
    }
  }
  assert.equal(collector.stats().refusedBy.too_large, 4);
  assert.equal(collector.stats().heldBytes, 0);
  assert.equal((await deadLetters.list({ limit: 10 })).length, 4);
  assert.equal((await post(json(event("1")))).status, 202);
});

test("the decoded size has a limit of its own, ratio or not", async (t) => {
  const { post } = await startCollector(t, {
    limits: { decodedBytes: 5000, ratioFreeBytes: 10_000 },
  });
  const noise = Array.from({ length: 400 }, (_, i) => (i * 2_654_435_761) % 4_294_967_296).join();
  const fits = json(event("1", { properties: { noise } }));
  assert.ok(fits.length < 5000);
  assert.equal((await post(gzipSync(fits), gzip)).status, 202);
  const over = json(event("1", { properties: { noise, more: noise } }));
  const { status, body } = await post(gzipSync(over), gzip);
  assert.deepEqual([status, body.error.code], [413, "too_large"]);
});

test("a small body may be packed as tightly as it likes", async (t) => {
  const { post } = await startCollector(t);
  const body = gzipSync(json(event("1", { properties: { a: "x".repeat(900_000) } })));
  assert.ok(body.length < 9000 / 2);
  assert.equal((await post(body, gzip)).body.accepted, 1);
});

test("truncated or damaged encodings are bad_encoding", async (t) => {
  const { post, collector } = await startCollector(t);
  const whole = gzipSync(json([event("1"), event("2")]));
  const large = gzipSync(
    Buffer.from(Array.from({ length: 60_000 }, (_, i) => (i * i * 31) >> 3).join()),
  );
  assert.ok(large.length > 16_384);
  const damaged = Buffer.from(whole);
  damaged[damaged.length - 6] = ~(damaged.at(-6) ?? 0);
  const bodies = [
    whole.subarray(0, -1),
    whole.subarray(0, 20),
    damaged,
    Buffer.from("text"),
    large.subarray(0, -9),
  ];
  for (const body of bodies) {
    const answer = await post(body, gzip);
    assert.deepEqual([answer.status, answer.body.error.code], [400, "bad_encoding"]);
  }
  const deflated = deflateSync(json(event("1")));
  const cut = await post(deflated.subarray(0, -2), { "content-encoding": "deflate" });
  assert.deepEqual([cut.status, cut.body.error.code], [400, "bad_encoding"]);
  assert.equal(collector.stats().sent, 0);
  assert.equal(collector.stats().heldBytes, 0);
});

test("other encodings and types are 415 and say what works", async (t) => {
  const { post } = await startCollector(t);
  for (const encoding of ["br", "gzip, gzip", "zstd"]) {
    const { status, body } = await post("{}", { "content-encoding": encoding });
    assert.deepEqual([status, body.error.code], [415, "unsupported_encoding"]);
    assert.match(body.error.expected, /gzip/);
  }
  for (const type of ["text/html", "application/xml", "application/json; charset=utf-16"]) {
    const { status, body } = await post("{}", { "content-type": type });
    assert.deepEqual([status, body.error.code], [415, "unsupported_type"]);
  }
});

test("a body above the limit is 413, with and without a declared length", async (t) => {
  const { post, stored } = await startCollector(t, { limits: { bodyBytes: 100_000 } });
  for (const size of [100_001, 150_000, 5_000_000]) {
    const { status, body } = await post("x".repeat(size)).catch(() => ({
      status: 0,
      body: undefined,
    }));
    // Far beyond the limit the connection may be cut before the client has read the answer.
    if (size > 200_000 && status === 0) continue;
    assert.deepEqual([status, body.error.code], [413, "too_large"]);
    assert.match(body.error.expected, /100000 bytes/);
  }
  const chunks = new ReadableStream({
    start(controller) {
      for (let i = 0; i < 15; i++) controller.enqueue(Buffer.alloc(10_000, 0x20));
      controller.close();
    },
  });
  const answer = await post(chunks, { "x-test": "chunked" });
  assert.equal(answer.status, 413);
  assert.deepEqual(await stored(), []);
  assert.equal((await post(json(event("1")))).status, 202);
});

test("more events than the limit are refused whole", async (t) => {
  const { post, stored, collector } = await startCollector(t, { limits: { eventsPerRequest: 3 } });
  const events = ["1", "2", "3", "4"].map((id) => event(id));
  const { status, body } = await post(json(events));
  assert.deepEqual([status, body.error.code], [413, "too_many_events"]);
  assert.match(body.error.expected, /at most 3/);
  assert.deepEqual(await stored(), []);
  assert.equal(collector.stats().sent, 0);
  assert.equal((await post(json(events.slice(1)))).body.accepted, 3);
});

test("a key that sends faster than it may waits, others do not", async (t) => {
  const rate = { eventsPerSecond: 10, burstEvents: 20 };
  const { post, wait, makeKey, request } = await startCollector(t, { limits: { rate } });
  const ten = json(Array.from({ length: 10 }, (_, i) => event(`${i}`)));
  const statuses: number[] = [];
  for (let i = 0; i < 3; i++) statuses.push((await post(ten)).status);
  assert.deepEqual(statuses, [202, 202, 429]);
  const limited = await post(ten);
  assert.deepEqual(
    [limited.body.error.code, limited.headers.get("retry-after")],
    ["rate_limited", "1"],
  );
  const { presented } = await makeKey("other", "write");
  const other = await request({ method: "POST", body: ten, headers: { "x-api-key": presented } });
  assert.equal(other.status, 202);
  await wait(1000);
  // Ten tokens are back; the request takes them and no debt is left.
  assert.equal((await post(ten)).status, 202);
  assert.equal((await post(ten)).status, 429);
  await wait(1);
  assert.equal((await post(json(Array.from({ length: 31 }, (_, i) => event(`${i}`))))).status, 202);
  const indebted = await post(ten);
  assert.deepEqual([indebted.status, indebted.headers.get("retry-after")], [429, "4"]);
});

test("bodies beyond the memory budget are 503 and hold nothing afterwards", async (t) => {
  const held = Promise.withResolvers<void>();
  const arrived = Promise.withResolvers<void>();
  const { post, collector } = await startCollector(t, {
    limits: { heldBytes: 3000 },
    append: (real) => async (dataset, records) => {
      arrived.resolve();
      await held.promise;
      return real(dataset, records);
    },
  });
  const body = json(event("1", { properties: { a: "x".repeat(2000) } }));
  const first = post(body);
  await arrived.promise;
  const second = await post(body);
  assert.deepEqual([second.status, second.body.error.code], [503, "overloaded"]);
  assert.equal(second.headers.get("retry-after"), "1");
  assert.equal((await post(gzipSync(body), gzip)).status, 503);
  held.resolve();
  assert.equal((await first).status, 202);
  assert.equal(collector.stats().heldBytes, 0);
  assert.equal((await post(body)).status, 202);
});

test("a body that does not arrive in time is cut off", async (t) => {
  const { port, presented, collector, post } = await startCollector(t, {
    listen: { requestTimeoutMs: 100, checkEveryMs: 20 },
  });
  const socket = connect(port, "127.0.0.1");
  socket.write(
    `POST /events HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${presented}\r\ncontent-length: 100\r\n\r\n{"event`,
  );
  const answer = await new Promise<string>((resolve) => {
    let text = "";
    socket.on("data", (chunk) => {
      text += chunk;
    });
    socket.on("close", () => resolve(text));
  });
  assert.match(answer, /^HTTP\/1\.1 408 /);
  assert.equal((await post(json(event("1")))).status, 202);
  const { inFlight, heldBytes, aborted, sent } = collector.stats();
  assert.deepEqual([inFlight, heldBytes, aborted, sent], [0, 0, 1, 1]);
});

test("a client that goes away half-way leaves nothing behind", async (t) => {
  const { port, presented, collector, post, stored } = await startCollector(t);
  const headers = { authorization: `Bearer ${presented}`, "content-length": 1000 };
  const left = httpRequest({ port, path: "/events", method: "POST", headers });
  left.on("error", () => {});
  await new Promise((resolve) => left.write(json(event("half")), resolve));
  while (collector.stats().heldBytes === 0) await new Promise(setImmediate);
  left.destroy();
  while (collector.stats().inFlight > 0) await new Promise(setImmediate);
  assert.equal(collector.stats().heldBytes, 0);
  assert.equal(collector.stats().aborted, 1);
  assert.equal((await post(json(event("1")))).status, 202);
  assert.equal((await stored()).length, 1);
});
