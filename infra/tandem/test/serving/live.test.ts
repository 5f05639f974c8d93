// Live streams over HTTP: what is pushed is what the query API answers; a reader that comes again gets what it
// missed; readers that are slow, revoked or of another tenant.
import assert from "node:assert/strict";
import { once } from "node:events";
import { connect } from "node:net";
import { type TestContext, test } from "node:test";
import { applyLive, type LiveMessage, LiveRefused, type LiveReset, live } from "@tandem/client";
import { ChangeFeed, type LiveLimits } from "@tandem/serving";
import { count, metric } from "@tandem/shared-logic";
import { HandPace } from "./hand-pace.ts";
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
const QUERY = "from=2019-10-01&until=2019-10-02&grain=day";
const view = (time = "10:00:00", type = "view") => ({
  timestamp: `2019-10-01T${time}Z`,
  event_type: type,
});

/** One world with a serving API; `flush` shows what was appended and tells who watches. */
async function stage(t: TestContext, limits: Partial<LiveLimits> = {}) {
  const world = await World.create([events]);
  const pace = new HandPace();
  const changes = new ChangeFeed([events]);
  const api = await startServing(t, world, {}, { changes, pace, live: limits });
  async function flush(): Promise<void> {
    await world.flushAll();
    changes.flushed({ rows: world.rows(0, world.log[0]?.length ?? 0) });
  }
  const key = async (tenant = "acme") => (await api.makeKey(tenant, "read")).presented;
  return { world, pace, api, flush, key };
}

/** A reader, with what it was told so far and a way to wait for the next message. */
function reader(t: TestContext, url: string, key: string, pace?: HandPace) {
  const stop = new AbortController();
  t.after(() => stop.abort());
  const told: LiveMessage[] = [];
  const messages = live({
    url,
    key,
    signal: stop.signal,
    random: () => 0,
    sleep: () => Promise.resolve(),
  });
  async function next(): Promise<LiveMessage> {
    let moving = true;
    const moved = (async () => {
      while (moving && pace) await pace.advance(50);
    })();
    const { value, done } = await messages.next();
    moving = false;
    await moved;
    if (done || !value) throw new RangeError("the stream is over");
    told.push(value);
    return value;
  }
  return { next, told, close: () => stop.abort() };
}

const valuesOf = (m: LiveMessage): unknown[] =>
  m.event === "reset" || m.event === "cells" ? m.points.map((p) => [p.value, p.layer]) : [];

test("what is pushed is what the query API answers, change by change, heal included", async (t) => {
  const { world, pace, api, flush, key } = await stage(t);
  world.append(view());
  await flush();
  const r = reader(t, `${api.url}/metrics/events/live?${QUERY}`, await key(), pace);
  let state: LiveReset | undefined;
  async function agreed(m: LiveMessage): Promise<void> {
    assert.ok(m.event === "reset" || m.event === "cells", JSON.stringify(m));
    state = applyLive(state, m);
    assert.ok(state);
    const { event: _, why: __, ask, ...answer } = state;
    assert.equal(ask, "events");
    assert.deepEqual(answer, (await api.get(`/metrics/events?${QUERY}`)).body);
  }
  const first = await r.next();
  assert.equal(first.event === "reset" && first.why, "start");
  await agreed(first);
  world.append(view());
  world.append(view(), { partition: 1 });
  await flush();
  const second = await r.next();
  assert.deepEqual([second.event, valuesOf(second)], ["cells", [[3, "speed"]]]);
  await agreed(second);
  // Nobody tells of a run: it is found by looking.
  await world.publish(events, DAY, world.cut());
  const sealed = await r.next();
  assert.deepEqual([sealed.event, valuesOf(sealed)], ["cells", [[3, "batch"]]]);
  await agreed(sealed);
});

test("a change nobody tells of arrives within 2 s; one that is told, within half a second", async (t) => {
  const { world, pace, api, flush, key } = await stage(t);
  await flush();
  const r = reader(t, `${api.url}/metrics/events/live?${QUERY}`, await key(), pace);
  await r.next();
  for (const [tells, mostMs] of [
    [false, 2000],
    [true, 500],
    [false, 2000],
    [true, 500],
  ] as const) {
    world.append(view());
    const began = pace.now();
    await (tells ? flush() : world.flushAll());
    assert.equal((await r.next()).event, "cells");
    const tookMs = pace.now() - began;
    assert.ok(tookMs <= mostMs, `${tells}: ${tookMs} ms`);
  }
});

test("several questions in one stream, each with parameters of its own, answered once for all streams", async (t) => {
  const { world, pace, api, flush, key } = await stage(t);
  world.append(view());
  await flush();
  let reads = 0;
  world.stepReads(async () => {
    reads++;
  });
  const own = encodeURIComponent(`events?${QUERY}&by=event_type`);
  const url = `${api.url}/live?metrics=events&${QUERY}&ask=${own}`;
  const presented = await key();
  const readers = Array.from({ length: 5 }, () => reader(t, url, presented, pace));
  for (const r of readers) {
    const [a, b] = [await r.next(), await r.next()];
    assert.deepEqual(
      [a, b].map((m) => "ask" in m && m.ask),
      ["events", `events?${QUERY}&by=event_type`],
    );
  }
  assert.ok(reads < 60, `${reads} reads for two questions of five streams`);
  world.append(view("11:00:00", "buy"));
  await flush();
  for (const r of readers) {
    const pair = [await r.next(), await r.next()];
    const total = pair.find((m) => "ask" in m && m.ask === "events");
    const split = pair.find((m) => "ask" in m && m.ask !== "events");
    assert.deepEqual(total && valuesOf(total), [[2, "speed"]]);
    assert.deepEqual(split && valuesOf(split), [[1, "speed"]], "the changed group alone");
  }
});

test("a reader that comes again gets what changed since, once; another process's id gets everything", async (t) => {
  const { world, pace, api, flush, key } = await stage(t);
  world.append(view());
  await flush();
  const presented = await key();
  const path = `${api.url}/metrics/events/live?${QUERY}&by=event_type`;
  const open = async (id?: string) => {
    const stop = new AbortController();
    t.after(() => stop.abort());
    const response = await fetch(path, {
      headers: { authorization: `Bearer ${presented}`, ...(id ? { "last-event-id": id } : {}) },
      signal: stop.signal,
    });
    const body = response.body?.getReader();
    assert.ok(body);
    let text = "";
    return {
      close: () => stop.abort(),
      async upTo(pattern: RegExp): Promise<string> {
        for (;;) {
          const found = pattern.exec(text);
          if (found) return text;
          const { value, done } = await body.read();
          if (done) throw new RangeError(text);
          text += Buffer.from(value).toString();
        }
      },
    };
  };
  const one = await open();
  const id = /^id: (.*)$/m.exec(await one.upTo(/\nid: .*\n\n/))?.[1] ?? "";
  one.close();
  const idle = await open(id);
  world.append(view("11:00:00", "buy"));
  await flush();
  await pace.advance(2000);
  const live2 = await idle.upTo(/\nid: .*\n\n/);
  assert.doesNotMatch(live2, /event: reset/);
  idle.close();
  // Meanwhile: two more changes of one cell. They come as one.
  for (let i = 0; i < 2; i++) {
    world.append(view("12:00:00", "buy"));
    await flush();
    await pace.advance(2000);
  }
  const missed = await (await open(id)).upTo(/\nid: .*\n\n/);
  assert.equal(missed.match(/event: cells/g)?.length, 1);
  assert.match(missed, /"event_type":"buy"\},"value":3,/);
  assert.doesNotMatch(missed, /"by":{"event_type":"view"}/);
  for (const strange of ["deadbeef.3", "x", `${id.split(".")[0]}.-1`]) {
    const all = await (await open(strange)).upTo(/\nid: .*\n\n/);
    assert.match(all, /event: reset\ndata: \{"ask":"events","why":"unknown_id"/);
  }
});

test("serving is restarted: readers are told, come back and are given everything anew", async (t) => {
  const { world, api, flush, key } = await stage(t);
  world.append(view());
  await flush();
  const presented = await key();
  const second = await startServing(t, world, {}, {});
  let turn = 0;
  const stop = new AbortController();
  t.after(() => stop.abort());
  const messages = live({
    url: `${api.url}/metrics/events/live?${QUERY}`,
    key: presented,
    signal: stop.signal,
    // The same address leads to the next process.
    fetch: (url, init) =>
      fetch(turn++ === 0 ? url : String(url).replace(api.url, second.url), init),
    sleep: () => Promise.resolve(),
  });
  const events: string[] = [];
  for await (const m of messages) {
    events.push("why" in m ? `${m.event} ${m.why}` : m.event);
    if (events.length === 1) {
      world.append(view());
      await world.flushAll();
      api.close();
    }
    if (m.event === "reset" && events.length > 1) {
      assert.deepEqual(valuesOf(m), [[2, "speed"]]);
      break;
    }
  }
  assert.deepEqual(events, ["reset start", "end closing", "lost", "reset unknown_id"]);
});

test("two tenants see nothing of each other", async (t) => {
  const { world, pace, api, flush, key } = await stage(t);
  world.append(view());
  world.append(view("10:00:00", "secret"), { tenant: "other" });
  await flush();
  const url = `${api.url}/metrics/events/live?${QUERY}&by=event_type`;
  const acme = reader(t, url, await key(), pace);
  const other = reader(t, url, await key("other"), pace);
  await acme.next();
  await other.next();
  world.append(view("10:00:00", "secret"), { tenant: "other" });
  await flush();
  assert.deepEqual(valuesOf(await other.next()), [[2, "speed"]]);
  world.append(view("10:00:00", "own"));
  await flush();
  assert.match(JSON.stringify(await acme.next()), /own/);
  assert.doesNotMatch(JSON.stringify(acme.told), /secret/);
  assert.doesNotMatch(JSON.stringify(other.told), /own/);
});

test("a reader that takes nothing holds up nobody, and is let go after a while", async (t) => {
  const { world, pace, api, flush, key } = await stage(t, { slowMs: 20_000 });
  // More than the buffers of two sockets.
  for (let i = 0; i < 500; i++) world.append(view("10:00:00", `type-${i}-${"x".repeat(12_000)}`));
  await flush();
  const presented = await key();
  const slow = connect(Number(new URL(api.url).port), "127.0.0.1");
  slow.on("error", () => undefined);
  slow.write(
    `GET /metrics/events/live?${QUERY}&by=event_type HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${presented}\r\n\r\n`,
  );
  await once(slow, "readable");
  const quick = reader(t, `${api.url}/metrics/events/live?${QUERY}`, presented, pace);
  await quick.next();
  for (let i = 0; i < 3; i++) {
    world.append(view());
    await flush();
    assert.equal((await quick.next()).event, "cells");
  }
  assert.equal(api.live.size.streams, 2);
  await pace.advance(25_000, 1000);
  assert.deepEqual(api.ended, ["slow_reader"]);
  // Its connection is cut, whether it has taken the reason or not.
  while (api.live.size.streams === 2) await new Promise((resolve) => setTimeout(resolve, 20));
  world.append(view());
  await flush();
  assert.equal((await quick.next()).event, "cells");
});

test("limits: 429 for a tenant, 503 for the process and for questions; HEAD opens nothing", async (t) => {
  const { api, flush, key, pace } = await stage(t, {
    streams: 3,
    tenantStreams: 2,
    questions: 2,
    asks: 2,
  });
  await flush();
  const [acme, other] = [await key(), await key("other")];
  const url = `${api.url}/metrics/events/live?${QUERY}`;
  const bearer = (k: string) => ({ authorization: `Bearer ${k}` });
  const head = await fetch(url, { method: "HEAD", headers: bearer(acme) });
  assert.deepEqual([head.status, api.live.size.streams], [200, 0]);
  const mine = [reader(t, url, acme, pace), reader(t, url, acme, pace)];
  for (const r of mine) await r.next();
  const more = await api.request(url.slice(api.url.length), { headers: bearer(acme) });
  assert.deepEqual([more.status, more.body.error.code], [429, "too_many_tenant_streams"]);
  assert.equal(more.headers.get("retry-after"), "10");
  await reader(t, url, other, pace).next();
  const full = await api.request(url.slice(api.url.length), { headers: bearer(other) });
  assert.deepEqual([full.status, full.body.error.code], [503, "too_many_streams"]);
  mine[0]?.close();
  while (api.live.size.streams === 3) await new Promise(setImmediate);
  const third = await api.request(`/metrics/events/live?${QUERY}&by=event_type`, {
    headers: bearer(other),
  });
  assert.deepEqual([third.status, third.body.error.code], [503, "too_many_questions"]);
});

test("what cannot be asked is said before a stream begins", async (t) => {
  const { api, flush, key } = await stage(t);
  await flush();
  const presented = await key();
  for (const [path, status, parameter] of [
    ["/metrics/nothing/live", 404, "metric"],
    ["/metrics/events/live?grain=year", 400, "grain"],
    ["/metrics/events/live?asOf=2019-10-02T00:00:00Z", 400, "asOf"],
    ["/live", 400, "metrics"],
    ["/live?grain=day", 400, "grain"],
    ["/live?metrics=events,events", 400, "ask"],
    ["/live?ask=events%3Fnonsense%3D1", 400, "nonsense"],
    [
      `/live?${Array.from({ length: 21 }, (_, i) => `ask=events%3Ftz%3DUTC%26x%3D${i}`).join("&")}`,
      400,
      "metrics",
    ],
  ] as const) {
    const answer = await api.request(path, { headers: { authorization: `Bearer ${presented}` } });
    assert.deepEqual([answer.status, answer.body.error.parameter], [status, parameter], path);
    await assert.rejects(reader(t, api.url + path, presented).next(), LiveRefused);
  }
  assert.deepEqual(api.live.size, { streams: 0, questions: 0 });
});

test("a key that is revoked ends its streams; heartbeats keep the others", async (t) => {
  const { world, api, flush, pace } = await stage(t);
  await flush();
  const { presented, key } = await api.makeKey("acme", "read");
  const url = `${api.url}/metrics/events/live?${QUERY}`;
  const gone = reader(t, url, presented, pace);
  await gone.next();
  await api.revoke(key.id);
  // The record is remembered for half a second of the API's own clock.
  Object.assign(world, { now: world.now + 60_000 });
  let end = await gone.next();
  while (end.event === "cells") end = await gone.next();
  assert.deepEqual(end, { event: "end", why: "key" });
});
