// The client against the API on a real socket: answers of every shape, and each kind of no as a value.
import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { type TestContext, test } from "node:test";
import { condition, createClient, type Result } from "@tandem/client";
import { count, distinct, metric, user } from "@tandem/shared-logic";
import { startServing } from "./http-fixture.ts";
import { DAY, World } from "./serving-fixture.ts";

const base = { title: "T", unit: "events", version: 1, examples: [] };
const BY = [["properties.country"]];
const events = metric({ ...base, name: "events", reducer: count(), by: BY });
const users = metric({ ...base, name: "users", reducer: distinct(user()), by: BY });
const RANGE = { from: "2019-10-01", until: "2019-10-03", grain: "day" } as const;
const HOSTILE = 'a" or not properties.country="b';

async function world(): Promise<World> {
  const w = await World.create([events, users]);
  for (const country of ["DE", "DE", "DE", "FR", "FR", HOSTILE])
    w.append({ timestamp: "2019-10-01T10:00:00Z", properties: { country } });
  for (const m of [events, users]) await w.publish(m, DAY, w.cut());
  w.append({ timestamp: "2019-10-02T10:00:00Z", properties: { country: "IT" } });
  await w.flushAll();
  return w;
}

async function clientOf(t: TestContext) {
  const w = await world();
  const api = await startServing(t, w);
  const { presented } = await api.makeKey("acme", "read");
  return { api, w, client: createClient({ url: api.url, key: presented }) };
}

function value<T>(result: Result<T>): T {
  assert.ok(result.ok, JSON.stringify(result));
  return result.value;
}
const errorIn = (result: Result<unknown>) => {
  assert.ok(!result.ok);
  return result.error;
};

test("one metric, several, their comparison and their groups", async (t) => {
  const { client } = await clientOf(t);
  const known = value(await client.metrics());
  assert.deepEqual(
    known.map((m) => [m.name, m.by]),
    [
      ["events", BY],
      ["users", BY],
    ],
  );
  const asked = await client.query("events", { ...RANGE, compare: "previous_period" });
  const answer = value(asked);
  assert.deepEqual(
    answer.points.map((p) => [p.value, p.layer]),
    [
      [6, "batch"],
      [1, "speed"],
    ],
  );
  assert.equal(answer.compare?.to, "previous_period");
  assert.ok(answer.cost.cells > 0);
  assert.match(asked.ok ? (asked.tag ?? "") : "", /^W\//);
  const top = value(
    await client.query("events", {
      ...RANGE,
      grain: "total",
      by: ["properties.country"],
      limit: 1,
    }),
  );
  assert.deepEqual(
    [
      top.groups,
      top.total?.[0]?.value,
      top.points.map((p) => [p.by?.["properties.country"], p.value]),
    ],
    [
      4,
      7,
      [
        ["DE", 3],
        ["(rest)", 4],
      ],
    ],
  );
  const both = value(await client.queryMany(["events", "users"], RANGE));
  assert.deepEqual(
    both.map((a) => a.metric),
    ["events", "users"],
  );
  assert.deepEqual(value(await client.reconciliation({ unexplained: true })), []);
});

test("a value in a condition is a value, whatever it says", async (t) => {
  const { client } = await clientOf(t);
  for (const [country, n] of [
    [HOSTILE, 1],
    ["DE", 3],
    ["(none)", 0],
    [null, 0],
  ] as const) {
    const where = condition("properties.country", country);
    const answer = value(await client.query("events", { ...RANGE, grain: "total", where }));
    assert.equal(answer.points[0]?.value, n, where);
  }
});

test("what the API refuses is a value with what would work", async (t) => {
  const { api, client, w } = await clientOf(t);
  const unknown = errorIn(await client.query("evnts", RANGE));
  assert.deepEqual(
    [unknown.status, unknown.code, unknown.would_work.includes("events")],
    [404, "unknown_metric", true],
  );
  const bad = errorIn(await client.query("events", { ...RANGE, by: ["brand"] }));
  assert.deepEqual([bad.status, bad.code, bad.parameter], [400, "bad_query", "by"]);
  w.append({ timestamp: "2019-10-02T11:00:00Z" });
  const late = errorIn(await client.query("events", { ...RANGE, max_staleness: 0 }));
  assert.deepEqual([late.status, late.code, late.retryAfterMs], [409, "not_yet", 1000]);
  assert.ok(late.lag && late.lag.records === 0);
  const key = createClient({ url: api.url, key: "tdm_no" });
  assert.deepEqual(
    [
      errorIn(await key.metrics()).code,
      errorIn(await createClient({ url: api.url }).metrics()).code,
    ],
    ["key_malformed", "key_missing"],
  );
});

async function other(t: TestContext, listener: RequestListener): Promise<string> {
  const server = createServer(listener).listen(0, "127.0.0.1");
  await once(server, "listening");
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

test("no answer, one that hangs, one that is cut and one of something else are values", async (t) => {
  const pages = await other(t, (_, res) => res.end("<html>log in</html>"));
  const empty = await other(t, (_, res) => res.end("{}"));
  const nothing = await other(t, (_, res) => res.end("null"));
  const proxy = await other(t, (_, res) => {
    res.writeHead(502, { "retry-after": "7" }).end("<h1>Bad gateway</h1>");
  });
  const hangs = await other(t, () => {});
  const cut = await other(t, (_, res) => {
    res.writeHead(200, { "content-length": "100" }).write("{");
    setImmediate(() => res.destroy());
  });
  const ask = async (url: string) =>
    errorIn(await createClient({ url, timeoutMs: 300 }).query("events", RANGE));
  const told = await Promise.all([pages, empty, nothing, proxy, hangs, cut].map(ask));
  assert.deepEqual(
    told.map((e) => [e.status, e.code]),
    [
      [200, "not_understood"],
      [200, "not_understood"],
      [200, "not_understood"],
      [502, "not_understood"],
      [0, "unreachable"],
      [200, "unreachable"],
    ],
  );
  assert.equal(told[3]?.retryAfterMs, 7000);
  assert.match(told[4]?.message ?? "", /within 300 ms/);
  const gone = errorIn(await createClient({ url: "http://127.0.0.1:1" }).metrics());
  assert.deepEqual([gone.status, gone.code], [0, "unreachable"]);
});

test("the caller's own abort is thrown", async (t) => {
  const url = await other(t, () => {});
  const stop = new AbortController();
  const waiting = createClient({ url }).metrics({ signal: stop.signal });
  stop.abort(new Error("enough"));
  await assert.rejects(waiting, /enough/);
});

test("a stream of several metrics through the client", async (t) => {
  const { client } = await clientOf(t);
  const stop = new AbortController();
  const seen: string[] = [];
  for await (const message of client.live(["events", "users"], RANGE, { signal: stop.signal })) {
    if (message.event === "reset") seen.push(message.ask);
    if (seen.length === 2) stop.abort();
  }
  assert.deepEqual(seen.sort(), ["events", "users"]);
});
