// Bad input is an answer with a reason, a counter and a dead letter; the good events beside it are
// accepted and the collector goes on.
import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { event, json, startCollector } from "./collector-fixture.ts";

const raw = (id: string, rest: string): string =>
  `{"event_id":"${id}","event_type":"x","timestamp":"2019-10-01T11:59:58Z",${rest}}`;
const nested = (depth: number): string => "[".repeat(depth) + "]".repeat(depth);

/** Sends one body and checks the sums, then that a good event still gets through. */
async function send(
  t: TestContext,
  body: NonNullable<RequestInit["body"]>,
  headers: Record<string, string> = {},
) {
  const fixture = await startCollector(t);
  const answer = await fixture.post(body, headers);
  const { accepted = 0, retry = 0, rejected = 0 } = answer.body;
  const {
    sent,
    accepted: a,
    retry: r,
    rejected: j,
    rejectedBy,
    heldBytes,
  } = fixture.collector.stats();
  assert.equal(sent, a + r + j);
  assert.deepEqual([a, r, j], [accepted, retry, rejected]);
  assert.equal(
    Object.values(rejectedBy).reduce((x, y) => x + y),
    rejected,
  );
  assert.equal(heldBytes, 0);
  const after = await fixture.post(json(event("afterwards")));
  assert.deepEqual([after.status, after.body.accepted], [202, 1]);
  assert.deepEqual(fixture.errors, []);
  return { ...fixture, answer };
}

const big = "x".repeat(1_000_000);
const { event_id: _id, ...withoutId } = event("1");
const { event_type: _type, ...withoutType } = event("1");
const { timestamp: _time, ...withoutTime } = event("1");

for (const [name, body, reason] of [
  ["broken JSON", '{"event_id":"1","event_type":"x","timestamp":', "not_json"],
  ["a number", "17", "not_an_object"],
  ["a text", '"event"', "not_an_object"],
  ["null", "null", "not_an_object"],
  ["a trailing comma", '{"event_id":"1","event_type":"x","timestamp":1,}', "not_json"],
  ["NaN", raw("1", '"a":NaN'), "not_json"],
  ["a missing id", json(withoutId), "missing_field"],
  ["an empty id", json(event("")), "missing_field"],
  ["a null id", json({ ...withoutId, event_id: null }), "missing_field"],
  [
    "a number for an id",
    `${json(withoutId).slice(0, -1)},"event_id":9007199254740993}`,
    "wrong_type",
  ],
  ["a missing type", json(withoutType), "missing_field"],
  ["an array for a type", json({ ...withoutType, event_type: ["x"] }), "wrong_type"],
  ["a missing time", json(withoutTime), "missing_field"],
  ["a time that is no time", json({ ...withoutTime, timestamp: "yesterday" }), "bad_timestamp"],
  ["a boolean for a time", json({ ...withoutTime, timestamp: true }), undefined],
  [
    "a time in year 10000",
    json({ ...withoutTime, timestamp: "+010000-01-01T00:00:00Z" }),
    "bad_timestamp",
  ],
  [
    "epoch ms in year 10000",
    json({ ...withoutTime, timestamp: 253_402_300_800_000 }),
    "bad_timestamp",
  ],
  ["a time before 1970", json({ ...withoutTime, timestamp: -1 }), "bad_timestamp"],
  ["properties that are a list", json(event("1", { properties: [] })), "wrong_type"],
  ["an id of a megabyte", json(event(big)), "too_long"],
  ["an event above a megabyte", json(event("1", { properties: { a: big } })), "too_long"],
  ["depth 10,000", raw("1", `"a":${nested(10_000)}`), "too_deep"],
  ["a lone surrogate in an id", raw("\\ud800", '"a":1'), "bad_unicode"],
  ["invalid UTF-8", Buffer.from(raw("1", '"a":"\xff"'), "latin1"), "bad_unicode"],
  ["overlong UTF-8", Buffer.from(raw("1", '"a":"\xc0\xaf"'), "latin1"), "bad_unicode"],
  ["NUL bytes", Buffer.alloc(1000), "not_json"],
  ["a broken array", `[${json(event("1"))},{]`, "not_json"],
  ["an array that goes on", `[${json(event("1"))}] 1`, "not_json"],
] as const) {
  test(`${name} is rejected and kept`, async (t) => {
    const { answer, deadLetters, stored } = await send(t, body);
    assert.equal(answer.status, 400);
    assert.deepEqual([answer.body.accepted, answer.body.rejected], [0, 1]);
    const [result] = answer.body.results;
    assert.deepEqual([result.index, result.status], [0, "rejected"]);
    if (reason !== undefined) assert.equal(result.reason, reason);
    assert.ok(result.problems.length > 0);
    for (const problem of result.problems) {
      assert.deepEqual(Object.keys(problem).sort(), ["expected", "got", "path", "reason"]);
    }
    assert.ok(json(answer.body).length < 4000, "an answer does not repeat the input");
    const [kept] = await deadLetters.list({ limit: 10 });
    const sent = Buffer.from(body);
    assert.deepEqual(
      [kept?.tenant, kept?.reason, kept?.eventBytes],
      ["acme", result.reason, sent.length],
    );
    assert.ok(sent.subarray(0, 65_536).equals(Buffer.from(kept?.bytes ?? [])));
    assert.equal((await stored()).length, 1);
  });
}

for (const [name, body] of [
  [
    "almost a megabyte of text in a property",
    json(event("1", { properties: { a: big.slice(0, 990_000) } })),
  ],
  [
    "__proto__ and constructor",
    raw("1", '"__proto__":{"event_id":"2"},"constructor":{"prototype":{}}'),
  ],
  ["unknown fields of any type", raw("1", '"a":null,"b":[{}],"c":1e308,"d":""')],
  ["a lone surrogate in a property", raw("1", '"properties":{"a":"\\udfff"}')],
  ["escapes in an id", raw("\\u0041\\n\\ud83d\\ude00", '"a":1')],
] as const) {
  test(`${name} is accepted`, async (t) => {
    const { answer, stored } = await send(t, body);
    assert.deepEqual([answer.status, answer.body.accepted], [202, 1]);
    assert.ok((await stored()).some((r) => r.json === body));
    assert.equal(Object.hasOwn(Object.prototype, "event_id"), false);
  });
}

test("good events beside bad ones are accepted; results name the bad ones by place", async (t) => {
  const lines = [json(event("0")), "{", json(event("2")), "[1]", json(withoutId), json(event("5"))];
  const { answer, stored, collector } = await send(t, lines.join("\n"), {
    "content-type": "application/x-ndjson",
  });
  assert.equal(answer.status, 202);
  assert.deepEqual([answer.body.accepted, answer.body.rejected], [3, 3]);
  const places = answer.body.results.map((r: { index: number; reason: string }) => [
    r.index,
    r.reason,
  ]);
  assert.deepEqual(places, [
    [1, "not_json"],
    [3, "not_an_object"],
    [4, "missing_field"],
  ]);
  assert.equal((await stored()).length, 4);
  assert.deepEqual(collector.stats().rejectedBy.missing_field, 1);
});

test("no more than a thousand results are listed, all are counted and kept", async (t) => {
  const { answer, deadLetters } = await send(t, "{}\n".repeat(1500));
  assert.deepEqual([answer.status, answer.body.rejected], [400, 1500]);
  assert.deepEqual([answer.body.results.length, answer.body.results_truncated], [1000, true]);
  assert.equal((await deadLetters.count()).entries, 1500);
});

test("dead letters are cut, capped and listed by tenant", async (t) => {
  const deadLetterLimits = { totalBytes: 5000, entryBytes: 100, retentionMs: 1000 };
  const { post, deadLetters, makeKey, request, wait } = await startCollector(t, {
    deadLetterLimits,
  });
  for (let i = 0; i < 50; i++) await post(`{"n":"${i}","a":"${"x".repeat(200)}"}`);
  const { entries, sizeBytes, dropped } = await deadLetters.count();
  assert.ok(sizeBytes <= 5000 && dropped > 0);
  assert.equal(entries + dropped, 50);
  const listed = await deadLetters.list({ limit: 100, tenant: "acme" });
  for (const letter of listed)
    assert.deepEqual([letter.bytes.length, letter.truncated], [100, true]);
  assert.ok(
    Buffer.from(listed.at(-1)?.bytes ?? [])
      .toString()
      .startsWith('{"n":"49"'),
  );
  const { presented } = await makeKey("other", "write");
  await request({ method: "POST", body: "{}", headers: { "x-api-key": presented } });
  assert.equal((await deadLetters.list({ limit: 100, tenant: "other" })).length, 1);
  await wait(1000);
  assert.deepEqual(await deadLetters.list({ limit: 100 }), []);
});
