// Plain requests are read without node:http. Law: whatever bytes come, in whatever pieces, the answers are those of a
// server that has node:http alone; and what is not plain to the last byte is left to it.
import assert from "node:assert/strict";
import { createServer, type Server } from "node:http";
import { type AddressInfo, connect, type Socket } from "node:net";
import { type TestContext, test } from "node:test";
import { gzipSync } from "node:zlib";
import type { Collector } from "@tandem/ingest";
import { event, json, startCollector } from "./collector-fixture.ts";

const BODY = json([event("1"), event("2", { properties: { name: "é" } })]);

interface Asked {
  readonly name: string;
  readonly bytes: Buffer;
  /** Requests of it that node:http gets to see. */
  readonly left: number;
}

const KEY = "KEY";
const HOST = "host: x";
const AUTH = `authorization: Bearer ${KEY}`;

function raw(lines: readonly string[], body: string | Buffer = BODY, length?: string): Buffer {
  const declared = `content-length: ${length ?? Buffer.byteLength(body)}`;
  return Buffer.concat([
    Buffer.from(`${[...lines, declared].join("\r\n")}\r\n\r\n`, "latin1"),
    Buffer.from(body),
  ]);
}

const POST = "POST /events HTTP/1.1";
const GOOD = raw([POST, HOST, AUTH, "content-type: application/json"]);
const LAST = raw([POST, HOST, AUTH, "connection: close"]);

/** Of one connection each; all but the last of a row leave it open. */
const ROWS: readonly Asked[] = [
  { name: "a plain one", bytes: GOOD, left: 0 },
  { name: "nothing in it", bytes: raw([POST, HOST, AUTH], ""), left: 0 },
  {
    name: "names in any case, space around values",
    bytes: raw(
      ["POST /events?verbose=1 HTTP/1.1", "HOST:\tx ", `X-Api-Key:   ${KEY} \t`, "A:"],
      BODY,
      `${Buffer.byteLength(BODY)} \t`,
    ),
    left: 0,
  },
  {
    name: "gzip",
    bytes: raw([POST, HOST, AUTH, "content-encoding: gzip"], gzipSync(BODY)),
    left: 0,
  },
  { name: "a bad event", bytes: raw([POST, HOST, AUTH], json([event("")])), left: 0 },
  { name: "ids that are no ASCII", bytes: raw([POST, HOST, AUTH], '[{"é":"é"}]'), left: 0 },
  { name: "no key", bytes: raw([POST, HOST]), left: 0 },
  { name: "no such key", bytes: raw([POST, HOST, "authorization: Bearer x"]), left: 0 },
  { name: "another origin", bytes: raw([POST, HOST, AUTH, "origin: https://a.example"]), left: 0 },
  { name: "another type", bytes: raw([POST, HOST, AUTH, "content-type: text/html"]), left: 0 },
  { name: "another encoding", bytes: raw([POST, HOST, AUTH, "content-encoding: br"]), left: 0 },
  { name: "damaged gzip", bytes: raw([POST, HOST, AUTH, "content-encoding: gzip"]), left: 0 },
  { name: "three at once", bytes: Buffer.concat([GOOD, GOOD, GOOD]), left: 0 },
  {
    name: "asked to keep alive",
    bytes: raw([POST, HOST, AUTH, "Connection: Keep-Alive"]),
    left: 0,
  },
  { name: "asked to close", bytes: LAST, left: 1 },
  { name: "the same length twice", bytes: raw([POST, HOST, AUTH, "content-length: 5"]), left: 0 },
  { name: "a length with a sign", bytes: raw([POST, HOST, AUTH], BODY, "+5"), left: 0 },
  { name: "two lengths in one", bytes: raw([POST, HOST, AUTH], BODY, "5, 5"), left: 0 },
  { name: "a length that is no number", bytes: raw([POST, HOST, AUTH], BODY, "0x5"), left: 0 },
  {
    name: "a length and chunks",
    bytes: raw([POST, HOST, AUTH, "transfer-encoding: chunked"]),
    left: 0,
  },
  {
    name: "chunks",
    bytes: Buffer.from(
      `${POST}\r\n${HOST}\r\n${AUTH}\r\ntransfer-encoding: chunked\r\n\r\n2\r\n[]\r\n0\r\n\r\n`,
    ),
    left: 1,
  },
  { name: "no host", bytes: raw([POST, AUTH]), left: 0 },
  { name: "two hosts", bytes: raw([POST, HOST, "host: y", AUTH]), left: 1 },
  { name: "HTTP/1.0", bytes: raw(["POST /events HTTP/1.0", HOST, AUTH]), left: 1 },
  { name: "a method in small letters", bytes: raw(["post /events HTTP/1.1", HOST, AUTH]), left: 0 },
  { name: "another method", bytes: raw(["PUT /events HTTP/1.1", HOST, AUTH]), left: 1 },
  { name: "another path", bytes: raw(["POST /eventsx HTTP/1.1", HOST, AUTH]), left: 1 },
  { name: "a whole address", bytes: raw(["POST http://x/events HTTP/1.1", HOST, AUTH]), left: 1 },
  { name: "two spaces", bytes: raw(["POST  /events HTTP/1.1", HOST, AUTH]), left: 1 },
  { name: "an empty line before it", bytes: Buffer.concat([Buffer.from("\r\n"), GOOD]), left: 1 },
  { name: "space before a colon", bytes: raw([POST, "host : x", AUTH]), left: 0 },
  { name: "a folded line", bytes: raw([POST, HOST, AUTH, "a: b", " c"]), left: 0 },
  { name: "a lone line feed", bytes: raw([POST, HOST, AUTH, "a: b\nc: d"]), left: 0 },
  { name: "a lone carriage return", bytes: raw([POST, HOST, AUTH, "a: b\rc: d"]), left: 0 },
  { name: "a NUL", bytes: raw([POST, HOST, AUTH, "a: b\0"]), left: 0 },
  { name: "a header that is no ASCII", bytes: raw([POST, HOST, AUTH, "a: é"]), left: 1 },
  { name: "two keys", bytes: raw([POST, HOST, AUTH, "authorization: Bearer y"]), left: 1 },
  { name: "a trace", bytes: raw([POST, HOST, AUTH, "traceparent: x"]), left: 1 },
  { name: "an expectation", bytes: raw([POST, HOST, AUTH, "expect: 100-continue"]), left: 1 },
  {
    name: "an upgrade",
    bytes: raw([POST, HOST, AUTH, "upgrade: x", "connection: upgrade"]),
    left: 1,
  },
  { name: "a head beyond 4 KB", bytes: raw([POST, HOST, AUTH, `a: ${"b".repeat(5000)}`]), left: 1 },
  { name: "a body beyond 64 KB", bytes: raw([POST, HOST, AUTH], " ".repeat(70_000)), left: 1 },
  {
    name: "another one behind it",
    bytes: Buffer.concat([GOOD, raw(["GET / HTTP/1.1", HOST], "")]),
    left: 1,
  },
  { name: "half a head behind it", bytes: Buffer.concat([GOOD, GOOD.subarray(0, 40)]), left: 0 },
  { name: "half a body behind it", bytes: Buffer.concat([GOOD, GOOD.subarray(0, -40)]), left: 0 },
  { name: "nonsense", bytes: Buffer.from("\x16\x03\x01\x02\0\x01\0"), left: 0 },
];

/** A server of the collector that counts what node:http sees. */
async function start(t: TestContext, collector: Collector, plain: boolean) {
  const seen = { requests: 0 };
  const server = createServer({ keepAliveTimeout: 65_000 }, (req, res) => {
    seen.requests++;
    if (!collector.handle(req, res)) res.writeHead(404, { "content-length": 0 }).end();
  });
  if (plain) collector.readPlain(server, 5);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  t.after(() => closed(server));
  return { server, seen, port: (server.address() as AddressInfo).port };
}

const closed = (server: Server): Promise<void> =>
  new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });

/** All that comes back until the server, told that nothing follows, ends. */
function ask(port: number, pieces: readonly Buffer[]): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: "127.0.0.1", noDelay: true, allowHalfOpen: true });
    let text = "";
    socket.setEncoding("utf8");
    socket.on("data", (chunk: string) => {
      text += chunk;
    });
    // Whoever is told that it is no request may find the connection cut before all of it was sent.
    socket.on("error", () => {}).on("close", () => resolve(text));
    writeAll(socket, pieces);
  });
}

async function writeAll(socket: Socket, pieces: readonly Buffer[]): Promise<void> {
  for (const piece of pieces) {
    await new Promise((resolve) => socket.write(piece, resolve));
    await new Promise(setImmediate);
  }
  socket.end();
}

/** Names of headers in small letters and in order, no moments, receipts as that there is one. */
function comparable(text: string): string {
  return text
    .replace(/^Date: .*\r\n/gim, "")
    .replace(/"receipt":"[^"]*"/g, '"receipt":""')
    .replace(/content-length: \d+/gi, "content-length")
    .split(/(?=HTTP\/1\.1 )/)
    .map((one) => {
      const [head = "", ...body] = one.split("\r\n\r\n");
      const [status, ...fields] = head.split("\r\n");
      return [status, ...fields.map((f) => f.toLowerCase()).sort(), "", ...body].join("\n");
    })
    .join("\n");
}

/** The bytes at once, halved at some places, and in many pieces. */
function* cuts(bytes: Buffer): Generator<readonly Buffer[]> {
  yield [bytes];
  const head = Math.max(1, bytes.indexOf("\r\n\r\n"));
  for (const at of [1, head, head + 2, head + 4, head + 5, bytes.length - 1]) {
    if (at < bytes.length) yield [bytes.subarray(0, at), bytes.subarray(at)];
  }
  const step = Math.ceil(bytes.length / 40);
  const many: Buffer[] = [];
  for (let at = 0; at < bytes.length; at += step) many.push(bytes.subarray(at, at + step));
  yield many;
}

for (const { name, bytes, left } of ROWS) {
  test(`answered as by node:http: ${name}`, async (t) => {
    const { collector, presented, stored } = await startCollector(t);
    const plain = await start(t, collector, true);
    const other = await start(t, collector, false);
    const withKey = Buffer.from(
      bytes
        .toString("latin1")
        .replaceAll(`Bearer ${KEY}`, `Bearer ${presented}`)
        .replaceAll(KEY, presented),
      "latin1",
    );
    let first = true;
    for (const pieces of cuts(withKey)) {
      const answer = await ask(plain.port, pieces);
      if (first) assert.equal(plain.seen.requests, left, "node:http's part");
      first = false;
      const before = (await stored()).length;
      const expected = await ask(other.port, pieces);
      // The answer to what is no request may get lost with the connection.
      if (pieces.length > 1 && (answer === "" || expected === "")) continue;
      assert.equal(comparable(answer), comparable(expected), `in ${pieces.length} pieces`);
      const after = (await stored()).length;
      assert.equal(after % 2, 0);
      assert.ok(after >= before);
    }
    const { inFlight, heldBytes } = collector.stats();
    assert.deepEqual([inFlight, heldBytes], [0, 0]);
  });
}

/** The bytes that come next, or "closed". */
const heard = (socket: Socket): Promise<string> =>
  new Promise((resolve) => {
    socket.once("data", (chunk) => resolve(String(chunk)));
    socket.once("close", () => resolve("closed"));
  });

async function connected(t: TestContext, port: number): Promise<Socket> {
  const socket = connect(port, "127.0.0.1");
  t.after(() => socket.destroy());
  await new Promise((resolve) => socket.once("connect", resolve));
  return socket;
}

test("idle connections are closed after the server's time, and when it closes", async (t) => {
  const { collector, presented } = await startCollector(t);
  const { server, port, seen } = await start(t, collector, true);
  const request = Buffer.from(GOOD.toString("latin1").replace(KEY, presented), "latin1");
  server.keepAliveTimeout = 20;
  const idle = await connected(t, port);
  idle.write(request);
  assert.match(await heard(idle), /^HTTP\/1\.1 202 (.*\r\n)*Keep-Alive: timeout=0\r\n/);
  assert.equal(await heard(idle), "closed");
  server.keepAliveTimeout = 65_000;
  const open = await connected(t, port);
  open.write(request);
  await heard(open);
  const end = new Promise((resolve) => server.close(resolve));
  assert.equal(await heard(open), "closed");
  await end;
  assert.equal(seen.requests, 0);
});

test("what is answered while the server closes is the connection's last", async (t) => {
  const asked = Promise.withResolvers<void>();
  const go = Promise.withResolvers<void>();
  const { collector, presented } = await startCollector(t, {
    append: (real) => async (dataset, records) => {
      asked.resolve();
      await go.promise;
      return real(dataset, records);
    },
  });
  const { server, port } = await start(t, collector, true);
  const socket = await connected(t, port);
  socket.write(Buffer.from(GOOD.toString("latin1").replace(KEY, presented), "latin1"));
  await asked.promise;
  const end = new Promise((resolve) => server.close(resolve));
  const answer = heard(socket);
  go.resolve();
  assert.match(await answer, /^HTTP\/1\.1 202 (.*\r\n)*Connection: close\r\n/);
  await end;
});

test("a client that sends on is not read ahead of", async (t) => {
  const asked = Promise.withResolvers<void>();
  const go = Promise.withResolvers<void>();
  const { collector, presented, stored } = await startCollector(t, {
    append: (real) => async (dataset, records) => {
      asked.resolve();
      await go.promise;
      return real(dataset, records);
    },
  });
  const { server, port } = await start(t, collector, true);
  const accepted = new Promise<Socket>((resolve) => server.once("connection", resolve));
  const socket = await connected(t, port);
  const inside = await accepted;
  const request = Buffer.from(GOOD.toString("latin1").replace(KEY, presented), "latin1");
  socket.write(request);
  await asked.promise;
  assert.equal(inside.isPaused(), false);
  socket.write(Buffer.concat([request, request.subarray(0, 30)]));
  while (!inside.isPaused()) await new Promise(setImmediate);
  assert.equal(collector.stats().inFlight, 1);
  socket.write(request.subarray(30));
  let text = "";
  socket.on("data", (chunk) => {
    text += chunk;
  });
  go.resolve();
  while ((text.match(/HTTP\/1\.1 202 /g) ?? []).length < 3) await new Promise(setImmediate);
  assert.equal((await stored()).length, 6);
});
