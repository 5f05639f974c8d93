// Live streams that are not opened: too many of them, or of questions that cannot be asked.
import assert from "node:assert/strict";
import { test } from "node:test";
import { LiveRefused } from "@tandem/client";
import { QUERY, reader, stage } from "./live-stage.ts";

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
