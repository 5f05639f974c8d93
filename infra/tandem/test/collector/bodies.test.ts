// What a good request may look like, and that the log holds what was sent, byte for byte.
import assert from "node:assert/strict";
import { test } from "node:test";
import { deflateRawSync, deflateSync, gzipSync } from "node:zlib";
import { decodeReceipt } from "@tandem/shared-logic";
import { event, json, NOW, startCollector } from "./collector-fixture.ts";

const texts = (found: readonly { json: string }[]): string[] => found.map((r) => r.json).sort();
const three = [event("1"), event("2"), event("3")];
const ndjson = three.map(json).join("\n");

for (const [name, body, headers] of [
  ["an array", json(three), {}],
  ["an array with space in it", ` [ ${three.map(json).join(" ,\r\n\t")} ] \n`, {}],
  ["NDJSON", ndjson, { "content-type": "application/x-ndjson" }],
  [
    "NDJSON with empty lines, CRLF and a last line feed",
    `\n${ndjson.replaceAll("\n", "\r\n\r\n")}\r\n`,
    {},
  ],
  ["text/plain, as beacons send", ndjson, { "content-type": "text/plain;charset=UTF-8" }],
  ["gzip", gzipSync(json(three)), { "content-encoding": "gzip" }],
  ["deflate", deflateSync(json(three)), { "content-encoding": "deflate" }],
  ["bare deflate", deflateRawSync(json(three)), { "content-encoding": "deflate" }],
  ["identity", json(three), { "content-encoding": "identity" }],
] as const) {
  test(`${name} is accepted and stored as sent`, async (t) => {
    const { post, stored, collector } = await startCollector(t);
    const { status, body: told } = await post(body, headers);
    const { receipt, ...answer } = told as { receipt: string };
    assert.deepEqual([status, answer], [202, { accepted: 3, retry: 0, rejected: 0, results: [] }]);
    // Nothing stood in the log before: the receipt's offsets are all its records.
    assert.equal(
      [...(decodeReceipt(receipt) ?? [])].reduce((n, [, to]) => n + to, 0),
      3,
    );
    const found = await stored();
    assert.deepEqual(texts(found), three.map(json).sort());
    for (const { tenant, receivedMs } of found)
      assert.deepEqual([tenant, receivedMs], ["acme", NOW]);
    const { sent, accepted, heldBytes, inFlight } = collector.stats();
    assert.deepEqual([sent, accepted, heldBytes, inFlight], [3, 3, 0, 0]);
  });
}

test("one event alone is accepted, with what it holds beside the known fields", async (t) => {
  const { post, stored } = await startCollector(t);
  const one = `{ "event_id":"1",  "event_type":"x","timestamp":1569931200000,"é\\u00e9":[1e400, "\\ud83d"],"__proto__":{"a":1}}`;
  const { status, body } = await post(one);
  assert.deepEqual([status, body.accepted], [202, 1]);
  assert.deepEqual(texts(await stored()), [one]);
});

test("an empty array and an empty body are nothing to accept", async (t) => {
  const { post } = await startCollector(t);
  for (const nothing of ["[]", "", "\n \r\n"]) {
    const { status, body } = await post(nothing);
    assert.deepEqual([status, body], [202, { accepted: 0, retry: 0, rejected: 0, results: [] }]);
  }
});

test("verbose answers list the accepted events too, up to the limit", async (t) => {
  const { post } = await startCollector(t, { limits: { resultEntries: 2 } });
  const { body } = await post(json(three), {}, "?verbose=1");
  assert.deepEqual(body.results, [
    { index: 0, status: "accepted", event_id: "1" },
    { index: 1, status: "accepted", event_id: "2" },
  ]);
  assert.equal(body.results_truncated, true);
  const { body: quiet } = await post(json(three), {}, "?x=1");
  assert.deepEqual([quiet.results, quiet.results_truncated], [[], undefined]);
});

test("a user's events keep their order in one partition, over requests too", async (t) => {
  const { post, stored } = await startCollector(t);
  const ids = Array.from({ length: 40 }, (_, i) => String(i).padStart(2, "0"));
  for (let i = 0; i < 40; i += 10) {
    await post(json(ids.slice(i, i + 10).map((id) => event(id, { user_id: "u" }))));
  }
  const order = (await stored()).map((r) => JSON.parse(r.json).event_id);
  assert.deepEqual(order, ids);
});

test("the tenant is the key's, whatever the body says", async (t) => {
  const { makeKey, request, stored } = await startCollector(t);
  const { presented } = await makeKey("other", "write");
  const body = json(event("1", { tenant: "acme", context: { tenant: "acme" } }));
  const answer = await request({ method: "POST", body, headers: { "x-api-key": presented } });
  assert.equal(answer.status, 202);
  assert.deepEqual(
    (await stored()).map((r) => r.tenant),
    ["other"],
  );
});

test("ids beyond 2^53 stay as they are", async (t) => {
  const { post, stored } = await startCollector(t);
  const ids = ["9007199254740993", "123456789012345678901234567890"];
  const { body } = await post(json(ids.map((id) => event(id, { user_id: id }))));
  assert.equal(body.accepted, 2);
  const found = (await stored()).map((r) => JSON.parse(r.json));
  assert.deepEqual(found.map((e) => e.event_id).sort(), [...ids].sort());
});
