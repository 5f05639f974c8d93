import assert from "node:assert/strict";
import { test } from "node:test";
import { EventFacts, MAX_TIME_MS } from "../../src/events/event-facts.ts";
import { DEFAULT_EVENT_LIMITS } from "../../src/events/event-limits.ts";
import { validateEvent } from "../../src/events/validate-event.ts";

const utf8 = new TextEncoder();
const decoder = new TextDecoder();
const GOOD = { event_id: "1", event_type: "view", timestamp: "2019-10-01T00:00:00Z" };

function validate(json: string | Uint8Array, limits = DEFAULT_EVENT_LIMITS): EventFacts | string[] {
  const bytes = typeof json === "string" ? utf8.encode(json) : json;
  const result = validateEvent(bytes, 0, bytes.length, limits);
  return result instanceof EventFacts ? result : result.map((p) => `${p.reason} ${p.path}`.trim());
}
const withFields = (fields: object): EventFacts | string[] =>
  validate(JSON.stringify({ ...GOOD, ...fields }));

function factsOf(json: string): EventFacts {
  const facts = validate(json);
  if (Array.isArray(facts)) assert.fail(facts.join());
  return facts;
}

test("what is wrong, field by field", () => {
  for (const [fields, ...problems] of [
    [{}],
    [{ event_id: undefined }, "missing_field event_id"],
    [{ event_id: null }, "missing_field event_id"],
    [{ event_id: "" }, "missing_field event_id"],
    [{ event_id: 2 ** 53 }, "wrong_type event_id"],
    [{ event_id: "x".repeat(200), event_type: "ü".repeat(100) }],
    [{ event_id: "x".repeat(201) }, "too_long event_id"],
    [{ event_type: "ü".repeat(101) }, "too_long event_type"],
    [{ event_id: "\ud800" }, "bad_unicode event_id"],
    [{ event_type: "a\udc00" }, "bad_unicode event_type"],
    [{ user_id: "\udfff" }, "bad_unicode user_id"],
    [{ event_id: "\u{1f600}\u0000" }],
    [{ user_id: 7 }, "wrong_type user_id"],
    [{ user_id: "", anonymous_id: null, session_id: "" }],
    [{ session_id: {} }, "wrong_type session_id"],
    [{ anonymous_id: false }, "wrong_type anonymous_id"],
    [{ timestamp: undefined }, "missing_field timestamp"],
    [{ timestamp: "" }, "missing_field timestamp"],
    [{ timestamp: true }, "wrong_type timestamp"],
    [{ timestamp: "yesterday" }, "bad_timestamp timestamp"],
    [{ timestamp: "2019-02-29" }, "bad_timestamp timestamp"],
    [{ timestamp: "9999-12-31T23:59:59-01:00" }, "bad_timestamp timestamp"],
    [{ timestamp: "1970-01-01T00:00:00+01:00" }, "bad_timestamp timestamp"],
    [{ timestamp: -1 }, "bad_timestamp timestamp"],
    [{ timestamp: 0.5 }, "bad_timestamp timestamp"],
    [{ timestamp: MAX_TIME_MS }],
    [{ timestamp: MAX_TIME_MS + 1 }, "bad_timestamp timestamp"],
    [{ timestamp: 1e300 }, "bad_timestamp timestamp"],
    [{ sent_at: null }],
    [{ sent_at: "" }, "bad_timestamp sent_at"],
    [{ sent_at: [] }, "wrong_type sent_at"],
    [{ version: "1.2" }],
    [{ version: 12 }],
    [{ version: true }, "wrong_type version"],
    [{ properties: null, context: {} }],
    [{ properties: [] }, "wrong_type properties"],
    [{ context: "x" }, "wrong_type context"],
    [{ received_at: "nonsense", user: 5, more: { fields: 1 } }],
    [
      { event_id: 5, event_type: null, sent_at: {} },
      "wrong_type event_id",
      "missing_field event_type",
      "wrong_type sent_at",
    ],
  ] as readonly (readonly [object, ...string[]])[]) {
    const json = JSON.stringify({ ...GOOD, ...fields });
    const result = validate(json);
    assert.deepEqual(Array.isArray(result) ? result : [], problems, json);
  }
});

test("what is wrong with the whole", () => {
  for (const [json, problem] of [
    ["", "not_json"],
    ["{", "not_json"],
    ["{} {}", "not_json"],
    ["[]", "not_an_object"],
    [" 5 ", "not_an_object"],
    [`{"a":${"[".repeat(64)}${"]".repeat(64)}}`, "too_deep"],
    [`{"a":"${"x".repeat(1_000_000)}"}`, "too_long"],
  ] as const) {
    assert.deepEqual(validate(json), [problem], json.slice(0, 20));
  }
  const bytes = utf8.encode(JSON.stringify({ ...GOOD, name: "?" }));
  bytes[bytes.indexOf(0x3f)] = 0xff;
  assert.deepEqual(validate(bytes), ["bad_unicode"]);
  assert.deepEqual(validate('{"a":[[]]}', { eventBytes: 100, depth: 2 }), ["too_deep"]);
  assert.deepEqual(
    validate(JSON.stringify({ ...GOOD, a: "x".repeat(64) }), { eventBytes: 99, depth: 64 }),
    ["too_long"],
  );
});

test("facts: escapes are undone, the last of repeated keys counts", () => {
  const facts = factsOf(
    `{"event_id":"old","\\u0065vent_id":"a\\"\\u00fc","event_type":"x\\/y","timestamp":"2019-10-01T\\u00300:00","sent_at":1569888000001,"user_id":5,"user_id":null,"anonymous_id":"z"}`,
  );
  const text = (s: { view(): Uint8Array }): string => decoder.decode(s.view());
  assert.equal(text(facts.eventId), 'a"ü');
  assert.equal(text(facts.eventType), "x/y");
  assert.equal(text(facts.anonymousId), "z");
  assert.equal(facts.userId.length, 0);
  assert.equal(facts.sessionId.length, 0);
  assert.equal(facts.sentMs, 1569888000000);
  assert.equal(facts.sentAtMs, 1569888000001);
  assert.equal(facts.receivedAtMs, undefined);
});

test("a timestamp is a number however it is written; received_at counts for imports", () => {
  assert.equal(
    factsOf(JSON.stringify(GOOD).replace(/"2019[^"]*"/, "1.569888e12")).sentMs,
    1569888000000,
  );
  const imports = { ...DEFAULT_EVENT_LIMITS, imported: true };
  const json = JSON.stringify({ ...GOOD, received_at: "2019-10-02" });
  const facts = validate(json, imports);
  assert.ok(!Array.isArray(facts));
  assert.equal(facts.receivedAtMs, 1569974400000);
  assert.deepEqual(validate(JSON.stringify({ ...GOOD, received_at: "x" }), imports), [
    "bad_timestamp received_at",
  ]);
});

test("facts of one event leave nothing to the next", () => {
  factsOf(JSON.stringify({ ...GOOD, user_id: "u", session_id: "s", sent_at: 5 }));
  const facts = withFields({ event_id: "2" });
  assert.ok(!Array.isArray(facts));
  assert.equal(facts.userId.length + facts.sessionId.length, 0);
  assert.equal(facts.sentAtMs, undefined);
});
