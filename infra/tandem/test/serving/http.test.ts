// The HTTP API: access by route, answers by tag, and what is said where something cannot be.
import assert from "node:assert/strict";
import { test } from "node:test";
import { ROUTES } from "@tandem/serving";
import { catalogue, count, metric, TandemError } from "@tandem/shared-logic";
import { startServing } from "./http-fixture.ts";
import { DAY, World } from "./serving-fixture.ts";

const events = metric({
  name: "events",
  title: "Events",
  unit: "events",
  version: 1,
  reducer: count(),
  by: [["event_type"]],
  examples: [],
});
const QUERY = "/metrics/events?from=2019-10-01&until=2019-10-02&grain=day";
const view = (time: string) => ({ timestamp: `2019-10-01T${time}Z`, event_type: "view" });

async function sealed(): Promise<World> {
  const w = await World.create([events]);
  w.append(view("10:00:00"));
  await w.publish(events, DAY, w.cut());
  await w.flushAll();
  return w;
}

/** A stream does not end: its answer is the status. */
const isLive = (route: (typeof ROUTES)[number]): boolean => route.schema === "Live";

for (const route of ROUTES) {
  const path =
    route.path.replace("{name}", "events") +
    (["/live", "/query"].includes(route.path) ? "?metrics=events" : "");
  test(`${route.method} ${route.path}: ${route.scope === undefined ? "needs no key" : `needs scope ${route.scope}`}`, async (t) => {
    const api = await startServing(t, await sealed());
    const other = route.scope === "read" ? "write" : "read";
    const wrong = await api.makeKey("acme", other, "admin");
    const right = await api.makeKey("acme", route.scope ?? "read");
    const gone = await api.makeKey("acme", route.scope ?? "read");
    await api.revoke(gone.key.id);
    const secret = right.presented.slice(0, -1) + (right.presented.endsWith("0") ? "1" : "0");
    const cases: [RequestInit, number, string][] = [
      [{}, 401, "key_missing"],
      [api.bearer("nonsense"), 401, "key_malformed"],
      [api.bearer(secret), 401, "key_unknown"],
      [api.bearer(gone.presented), 401, "key_revoked"],
      [api.bearer(wrong.presented), 403, "key_scope"],
    ];
    for (const [init, status, code] of cases) {
      const answer = await api.request(path, init);
      if (route.scope === undefined) assert.equal(answer.status, 200);
      else assert.deepEqual([answer.status, answer.body.error.code], [status, code]);
    }
    const method = isLive(route) ? "HEAD" : "GET";
    for (const init of [api.bearer(right.presented), { headers: { "x-api-key": right.presented } }])
      assert.equal((await api.request(path, { ...init, method })).status, 200);
    const posted = await api.request(path, { method: "POST" });
    assert.deepEqual([posted.status, posted.headers.get("allow")], [405, "GET, HEAD"]);
  });
}

test("an unchanged answer is 304, also under another coding; a flush or a run changes it", async (t) => {
  const w = await sealed();
  const api = await startServing(t, w);
  const first = await api.get(QUERY);
  const tag = first.headers.get("etag") ?? "";
  assert.match(tag, /^W\/"[\w-]{27}"$/);
  assert.equal(first.headers.get("cache-control"), "private, no-cache");
  assert.match(first.headers.get("vary") ?? "", /Authorization/);
  let reads = 0;
  w.stepReads(async () => {
    reads++;
  });
  const again = await api.get(QUERY, { "if-none-match": `"x", ${tag}` });
  assert.deepEqual([again.status, again.body, again.headers.get("etag")], [304, undefined, tag]);
  assert.ok(reads <= 3, `positions, starts and the day: ${reads} reads`);
  w.append(view("11:00:00"));
  await w.flushAll();
  const late = await api.get(QUERY, { "if-none-match": tag });
  assert.deepEqual([late.status, late.body.points[0].value], [200, 2]);
  assert.notEqual(late.headers.get("etag"), tag);
  await w.publish(events, DAY, w.cut());
  const healed = await api.get(QUERY, { "if-none-match": late.headers.get("etag") ?? "" });
  assert.deepEqual([healed.status, healed.body.points[0].layer], [200, "batch"]);
});

test("freshness of an idle log goes on", async (t) => {
  const w = await sealed();
  const api = await startServing(t, w);
  const first = await api.get(QUERY);
  w.now = (w.now + 60_000) as typeof w.now;
  const later = await api.get(QUERY, { "if-none-match": first.headers.get("etag") ?? "" });
  assert.equal(later.status, 200);
  assert.ok(later.body.freshness > first.body.freshness);
});

test("the tenant is the key's: no answer, tag or body of another", async (t) => {
  const w = await sealed();
  w.append(view("12:00:00"), { tenant: "other" });
  await w.flushAll();
  const api = await startServing(t, w);
  const { presented } = await api.makeKey("third", "read");
  const mine = await api.get(QUERY);
  const theirs = await api.request(
    QUERY,
    api.bearer(presented, { "if-none-match": mine.headers.get("etag") ?? "" }),
  );
  assert.deepEqual(
    [mine.body.points[0].value, theirs.status, theirs.body.points[0].value],
    [1, 200, 0],
  );
  assert.notEqual(mine.headers.get("etag"), theirs.headers.get("etag"));
  const smuggled = await api.get(`${QUERY}&tenant=other`);
  assert.deepEqual([smuggled.status, smuggled.body.error.parameter], [400, "tenant"]);
});

test("a bad query says what would work; an unknown metric is 404", async (t) => {
  const api = await startServing(t, await sealed());
  const bad = await api.get(`${QUERY}&by=brand`);
  assert.equal(bad.status, 400);
  const { code, parameter, got, would_work } = bad.body.error;
  assert.deepEqual(
    [code, parameter, got, would_work],
    ["bad_query", "by", "brand", ["event_type"]],
  );
  const unknown = await api.get("/metrics/nothing");
  assert.deepEqual([unknown.status, unknown.body.error.would_work], [404, ["events"]]);
  assert.equal((await api.get("/nothing")).status, 404);
  assert.equal((await api.get("/metrics/%E0%A4%A")).status, 400);
  assert.equal((await api.get(`/metrics?${"x".repeat(9000)}`)).status, 414);
});

test("large bodies are coded as the client accepts", async (t) => {
  const api = await startServing(t, await sealed());
  const hourly = QUERY.replace("grain=day", "grain=hour");
  const plain = await api.get(hourly, { "accept-encoding": "identity" });
  for (const coding of ["br", "gzip"]) {
    const answer = await api.get(hourly, { "accept-encoding": coding });
    assert.equal(answer.headers.get("content-encoding"), coding);
    assert.ok(
      Number(answer.headers.get("content-length")) < Number(plain.headers.get("content-length")),
    );
    assert.deepEqual(answer.body, plain.body);
  }
  assert.equal(plain.headers.get("content-encoding"), null);
  assert.equal((await api.get(QUERY)).headers.get("content-encoding"), null);
});

test("a store that does not answer: the last answer with stale_since, else 503", async (t) => {
  const w = await sealed();
  const api = await startServing(t, w);
  const before = await api.get(QUERY);
  const several = `/query?metrics=events&${QUERY.split("?")[1]}`;
  const both = await api.get(several);
  // Known once, and still not given to who demands a fresh one.
  assert.equal((await api.get(`${several}&max_staleness=1h`)).status, 200);
  w.stepReads(() => Promise.reject(new TandemError("store_unavailable")));
  const stale = await api.get(QUERY, { "if-none-match": before.headers.get("etag") ?? "" });
  assert.equal(stale.status, 200);
  assert.deepEqual(stale.body.degraded, ["stale_since:2019-10-05T12:00:00Z"]);
  assert.deepEqual(stale.body.points, before.body.points);
  assert.equal(stale.headers.get("etag"), null);
  const staleBoth = await api.get(several, { "if-none-match": both.headers.get("etag") ?? "" });
  assert.deepEqual(
    [staleBoth.status, staleBoth.body.answers[0].degraded, staleBoth.headers.get("etag")],
    [200, stale.body.degraded, null],
  );
  assert.deepEqual(staleBoth.body.answers[0].points, both.body.answers[0].points);
  const fresh = await api.get(`${several}&max_staleness=1h`);
  assert.deepEqual([fresh.status, fresh.body.error.code], [503, "store_unavailable"]);
  const never = await api.get(`${QUERY}&by=event_type`);
  assert.deepEqual([never.status, never.body.error.code], [503, "store_unavailable"]);
  assert.ok(Number(never.headers.get("retry-after")) > 0);
  const { presented } = await api.makeKey("third", "read");
  assert.equal((await api.request(QUERY, api.bearer(presented))).status, 503);
});

test("an answer that takes too long is given up, and one too many is not begun", async (t) => {
  const w = await sealed();
  const api = await startServing(t, w, { requestMs: 30, inFlight: 1 });
  const held = Promise.withResolvers<void>();
  w.stepReads(() => held.promise);
  const [first, second] = await Promise.all([api.get(QUERY), api.get(QUERY)]);
  const codes = [first, second].map((a) => [a.status, a.body.error.code]).sort();
  assert.deepEqual(codes, [
    [503, "overloaded"],
    [503, "timeout"],
  ]);
  held.resolve();
});

test("the catalogue and the document name every metric and every route", async (t) => {
  const w = await World.create(catalogue);
  const api = await startServing(t, w);
  const { body } = await api.get("/metrics");
  assert.deepEqual(
    body.metrics.map((m: { name: string }) => m.name),
    catalogue.map((m) => m.name).sort(),
  );
  const revenue = body.metrics.find((m: { name: string }) => m.name === "revenue");
  assert.deepEqual(
    [revenue.reducer, revenue.exact, revenue.grains[0]],
    ["sum", "always", "minute"],
  );
  const document = (await api.get("/openapi.json")).body;
  assert.equal(document.openapi, "3.1.0");
  assert.deepEqual(
    Object.keys(document.paths),
    ROUTES.map((r) => r.path),
  );
});

test("a request id is kept or made; nothing personal is logged", async (t) => {
  const api = await startServing(t, await sealed());
  const given = await api.get(QUERY, { "x-request-id": "abc-1" });
  assert.equal(given.headers.get("x-request-id"), "abc-1");
  const made = await api.get(`${QUERY}&where=event_type=secret`, {
    "x-request-id": "no spaces please",
  });
  assert.match(made.headers.get("x-request-id") ?? "", /^[0-9a-f-]{36}$/);
  const log = JSON.stringify(api.logged);
  assert.ok(log.includes("abc-1") && log.includes("queryMetric"));
  assert.ok(!log.includes("secret") && !log.includes("tdm_"));
});

test("HEAD is GET without its body", async (t) => {
  const api = await startServing(t, await sealed());
  const { presented } = await api.makeKey("acme", "read");
  const head = await api.request(QUERY, { ...api.bearer(presented), method: "HEAD" });
  assert.deepEqual([head.status, head.body], [200, undefined]);
  assert.ok(Number(head.headers.get("content-length")) > 0);
});
