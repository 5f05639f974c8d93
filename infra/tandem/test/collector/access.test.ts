// Who may send, from where, and to which address.
import assert from "node:assert/strict";
import { test } from "node:test";
import { event, json, startCollector } from "./collector-fixture.ts";

const body = json(event("1"));
const POST = { method: "POST", body };

test("no key, a malformed, an unknown and one of another scope are told apart", async (t) => {
  const { request, makeKey, presented, stored, errors } = await startCollector(t);
  const reader = await makeKey("acme", "read", "admin");
  const last = presented.endsWith("0") ? "1" : "0";
  for (const [headers, status, code] of [
    [{}, 401, "key_missing"],
    [{ authorization: "Bearer " }, 401, "key_missing"],
    [{ authorization: "Bearer hello" }, 401, "key_malformed"],
    [{ authorization: `Basic ${presented}` }, 401, "key_malformed"],
    [{ "x-api-key": presented.slice(0, -1) + last }, 401, "key_unknown"],
    [{ "x-api-key": `tdm_000000000000_${"0".repeat(64)}` }, 401, "key_unknown"],
    [{ authorization: `Bearer ${reader.presented}` }, 403, "key_scope"],
  ] as const) {
    const answer = await request({ ...POST, headers });
    assert.deepEqual([answer.status, answer.body.error.code], [status, code]);
    assert.equal(answer.headers.get("www-authenticate"), status === 401 ? "Bearer" : null);
    assert.ok(!json(answer.body).includes("0000"));
  }
  assert.deepEqual(await stored(), []);
  assert.deepEqual(errors, []);
});

test("bearer in any case and X-API-Key work", async (t) => {
  const { request, presented } = await startCollector(t);
  for (const headers of [
    { authorization: `Bearer ${presented}` },
    { authorization: `bearer  ${presented}` },
    { "x-api-key": presented },
  ]) {
    assert.equal((await request({ ...POST, headers })).status, 202);
  }
});

test("a revoked key is turned away within a second", async (t) => {
  const { request, makeKey, revoke, wait } = await startCollector(t);
  const { key, presented } = await makeKey("acme", "write");
  const headers = { "x-api-key": presented };
  assert.equal((await request({ ...POST, headers })).status, 202);
  await revoke(key.id);
  await wait(1000);
  const answer = await request({ ...POST, headers });
  assert.deepEqual([answer.status, answer.body.error.code], [401, "key_revoked"]);
});

test("other addresses are 404, other methods 405 with Allow", async (t) => {
  const { request } = await startCollector(t);
  for (const path of ["/", "/event", "/events/", "/eventsx", "/Events", "/metrics"]) {
    const answer = await request({ ...POST, path });
    assert.deepEqual([answer.status, answer.body.error.code], [404, "not_found"], path);
  }
  for (const method of ["GET", "PUT", "DELETE", "PATCH"]) {
    const answer = await request({ method });
    assert.equal(answer.status, 405);
    assert.equal(answer.headers.get("allow"), "POST, OPTIONS");
  }
  assert.equal((await request({ method: "HEAD" })).status, 405);
});

test("any origin may send by default, and sees every answer", async (t) => {
  const { request, post } = await startCollector(t);
  const origin = "https://shop.example";
  const asked = await request({
    method: "OPTIONS",
    headers: { origin, "access-control-request-method": "POST" },
  });
  assert.equal(asked.status, 204);
  assert.equal(asked.headers.get("access-control-allow-origin"), "*");
  assert.match(asked.headers.get("access-control-allow-methods") ?? "", /POST/);
  const allowed = asked.headers.get("access-control-allow-headers") ?? "";
  for (const name of ["authorization", "content-type", "content-encoding", "x-api-key"]) {
    assert.ok(allowed.includes(name), name);
  }
  const answers = [await post(body, { origin }), await request({ ...POST, headers: { origin } })];
  assert.deepEqual(
    answers.map((a) => a.status),
    [202, 401],
  );
  for (const { headers } of answers) {
    assert.equal(headers.get("access-control-allow-origin"), "*");
    assert.equal(headers.get("access-control-allow-credentials"), null);
  }
});

test("with listed origins only those are let in by browsers", async (t) => {
  const origin = "https://shop.example";
  const { request, post } = await startCollector(t, { origins: [origin] });
  for (const asking of [origin, "https://other.example", "https://shop.example.other"]) {
    const expected = asking === origin ? origin : null;
    const asked = await request({ method: "OPTIONS", headers: { origin: asking } });
    const sent = await post(body, { origin: asking });
    for (const { headers } of [asked, sent]) {
      assert.equal(headers.get("access-control-allow-origin"), expected);
      assert.equal(headers.get("vary"), "origin");
    }
    assert.equal(asked.headers.has("access-control-allow-headers"), asking === origin);
  }
});
