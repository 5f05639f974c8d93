// Plain requests are read without node:http. Law: whatever bytes come, in whatever pieces, the answers are those of a
// server that has node:http alone; and what is not plain to the last byte is left to it.
import assert from "node:assert/strict";
import { createServer, type Server } from "node:http";
import { type AddressInfo, connect, type Socket } from "node:net";
import { type TestContext, test } from "node:test";
import type { Collector } from "@tandem/ingest";
import { startCollector } from "./collector-fixture.ts";
import { GOOD, KEY, ROWS } from "./raw-requests.ts";

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
