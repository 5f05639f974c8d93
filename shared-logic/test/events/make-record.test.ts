import assert from "node:assert/strict";
import { test } from "node:test";
import * as E from "../../src/events/event-columns.ts";
import type { EventFacts } from "../../src/events/event-facts.ts";
import { DEFAULT_EVENT_LIMITS } from "../../src/events/event-limits.ts";
import { makeImportedRecord, makeRecord } from "../../src/events/make-record.ts";
import { partitionKey } from "../../src/events/partition-key.ts";
import { RECORD_HEADER_BYTES } from "../../src/events/record.ts";
import { validateEvent } from "../../src/events/validate-event.ts";
import { murmur3Text } from "../../src/hash/murmur3.ts";

const utf8 = new TextEncoder();
const decoder = new TextDecoder();
const RECEIVED_MS = 1_569_888_000_000;
const tenant = utf8.encode("t1");

function factsOf(event: object | string, imported = false): EventFacts {
  const json = typeof event === "string" ? event : JSON.stringify(event);
  const bytes = utf8.encode(`  ${json}`);
  const facts = validateEvent(bytes, 2, bytes.length, { ...DEFAULT_EVENT_LIMITS, imported });
  if (!("eventId" in facts)) assert.fail(JSON.stringify(facts));
  return facts;
}
const GOOD = { event_id: "e1", event_type: "view", timestamp: RECEIVED_MS };

const GOLDEN =
  "d1010144d080cbf1a3dc6e58a3dc6e58a3dc6e58e1c8678c0d989b38" +
  "0000986e46d87642000080dd49d87642000080dd49d8764202000400";

test("a record's bytes are these, for ever", () => {
  const json =
    '{"event_id":"\\u00e91","event_type":"view","timestamp":"2019-09-30T23:00:00Z","sent_at":1569884400000,"user_id":"7","x":[1, 2]}';
  const record = makeRecord(factsOf(json), tenant, RECEIVED_MS);
  const header = Buffer.from(record.subarray(0, RECORD_HEADER_BYTES)).toString("hex");
  assert.equal(header, GOLDEN);
  assert.equal(decoder.decode(record.subarray(RECORD_HEADER_BYTES)), `t1view${json}`);
});
test("the header holds the hashes and times of the event", () => {
  for (const [ids, kind, key] of [
    [{ user_id: "ü", anonymous_id: "z" }, E.USER_ID, "uü"],
    [{ user_id: "", anonymous_id: "z" }, E.USER_ANONYMOUS, "az"],
    [{ user_id: null }, E.USER_NONE, undefined],
  ] as const) {
    const record = makeRecord(factsOf({ ...GOOD, ...ids }), tenant, RECEIVED_MS + 5);
    const view = new DataView(record.buffer);
    const lane = (at: number): number => view.getUint32(at, true);
    assert.deepEqual([4, 8, 12, 16].map(lane), [...murmur3Text("e1")]);
    const user = key === undefined ? [0, 0] : [...murmur3Text(key).subarray(0, 2)];
    assert.deepEqual([20, 24].map(lane), user);
    assert.equal(record[3], kind << 6);
    const times = [28, 36, 44].map((at) => view.getFloat64(at, true));
    assert.deepEqual(times, [RECEIVED_MS, RECEIVED_MS, RECEIVED_MS + 5]);
  }
});

test("an import is received when it happened, or when it says so", () => {
  const times = (event: object): number[] => {
    const record = makeImportedRecord(factsOf({ ...GOOD, ...event }, true), tenant);
    const view = new DataView(record.buffer);
    return [record[3] as number, view.getFloat64(36, true), view.getFloat64(44, true)];
  };
  assert.deepEqual(times({ sent_at: 5 }), [E.FLAG_IMPORTED, RECEIVED_MS, RECEIVED_MS]);
  const later = RECEIVED_MS + 100 * 3_600_000;
  const flags = E.FLAG_IMPORTED | E.FLAG_TOO_LATE;
  assert.deepEqual(times({ received_at: later }), [flags, RECEIVED_MS, later]);
});

test("the partition key is the tenant and whoever it is", () => {
  const key = (ids: object): string =>
    decoder.decode(partitionKey(factsOf({ ...GOOD, ...ids }), tenant));
  assert.equal(key({ user_id: "u", anonymous_id: "a", session_id: "s" }), "t1:u");
  assert.equal(key({ user_id: "", anonymous_id: "ü", session_id: "s" }), "t1:ü");
  assert.equal(key({ session_id: "s" }), "t1:s");
  assert.equal(key({}), "t1:e1");
});
