import assert from "node:assert/strict";
import { test } from "node:test";
import {
  below,
  DEFAULT_EVENT_LIMITS,
  EventFacts,
  type EventLimits,
  EventWalk,
  type Problem,
  type Random,
  seededRandom,
  validateEvent,
} from "@tandem/shared-logic";
import { splitEvents } from "./split-events.ts";

const LIMITS: EventLimits = { ...DEFAULT_EVENT_LIMITS, eventBytes: 150, depth: 4 };
const utf8 = new TextEncoder();
const text = new TextDecoder();

interface Seen {
  readonly events: readonly (readonly [start: number, end: number, what: unknown])[];
  readonly problem: Problem | undefined;
}

const said = (outcome: EventFacts | readonly Problem[]): unknown =>
  outcome instanceof EventFacts
    ? [text.decode(outcome.eventId.view()), outcome.sentMs, outcome.json.from, outcome.json.until]
    : outcome;

/** Two passes: cut first, then judge slice by slice. */
function twoPasses(body: Uint8Array): Seen {
  const { starts, ends, count, problem } = splitEvents(body);
  const events = Array.from({ length: count }, (_, i) => {
    const [start, end] = [starts[i] ?? 0, ends[i] ?? 0];
    return [start, end, said(validateEvent(body, start, end, LIMITS))] as const;
  });
  return { events, problem };
}

function onePass(body: Uint8Array): Seen {
  const walk = new EventWalk(body, LIMITS);
  const events: [number, number, unknown][] = [];
  while (walk.next()) events.push([walk.start, walk.end, said(walk.outcome)]);
  return { events: walk.problem === undefined ? events : [], problem: walk.problem };
}

const good = '{"event_id":"a","event_type":"t","timestamp":1}';
const PIECES = [
  good,
  '{ "event_id":"\\u00e4" ,\n"event_type":"t","timestamp":"2019-10-01T00:00:00Z"}',
  '{"event_id":"","event_type":1}',
  `{"event_id":"long","event_type":"t","timestamp":1,"a":"${"x".repeat(150)}"}`,
  '{"a":[[[[1]]]]}',
  `{"a":[[[["${"x".repeat(150)}"]]]]}`,
  "{}",
  "17",
  '"text"',
  "null",
  "[1]",
  "{",
];
const pick = <T>(random: Random, from: readonly T[]): T => {
  const picked = from[below(random, from.length)];
  if (picked === undefined) throw new RangeError("nothing to pick from");
  return picked;
};

function anyBody(random: Random): Uint8Array {
  const space = (): string => pick(random, ["", "", " ", "\n", "\r\n", "\t "]);
  const pieces = Array.from({ length: below(random, 5) }, () => pick(random, PIECES));
  const joined =
    below(random, 2) === 0
      ? `[${pieces.map((p) => space() + p + space()).join(",")}${space()}]`
      : pieces.map((p) => space() + p).join(pick(random, ["\n", "\r\n", "\n\n"]));
  const bytes = utf8.encode(pick(random, ["", "", "\ufeff"]) + space() + joined + space());
  for (let i = below(random, 3); i > 0 && bytes.length > 0; i--) {
    bytes[below(random, bytes.length)] = pick(
      random,
      [0, 0x0a, 0x20, 0x22, 0x2c, 0x5b, 0x5d, 0x7b, 0x7d, 0xff],
    );
  }
  return bytes.subarray(0, bytes.length - (below(random, 4) === 0 ? below(random, 9) : 0));
}

test("one pass finds what cutting and then judging finds, in whole and in damaged bodies", () => {
  const seed = 20_191_001;
  const random = seededRandom(seed);
  const met = { none: 0, good: 0, bad: 0, refused: 0 };
  for (let i = 0; i < 20_000; i++) {
    const body = anyBody(random);
    const expected = twoPasses(body);
    assert.deepEqual(onePass(body), expected, `seed ${seed}, body ${i}: ${text.decode(body)}`);
    if (expected.problem !== undefined) met.refused++;
    else if (expected.events.length === 0) met.none++;
    else if (expected.events.some((e) => typeof (e[2] as unknown[])[0] === "string")) met.good++;
    else met.bad++;
  }
  for (const [kind, times] of Object.entries(met)) assert.ok(times > 500, `${kind}: ${times}`);
});

test("what an array is cut off at does not matter: it is refused", () => {
  const body = utf8.encode(`[ ${good} , ${good} ]`);
  for (let end = 1; end < body.length; end++) {
    assert.equal(onePass(body.subarray(0, end)).problem?.reason, "not_json", `cut at ${end}`);
  }
  assert.equal(onePass(body).events.length, 2);
});

test("a byte in the middle of a buffer is no end: only the body given is read", () => {
  const whole = utf8.encode(`${good}\n${good}`);
  const { events } = onePass(whole.subarray(0, good.length));
  assert.deepEqual(
    events.map(([start, end]) => [start, end]),
    [[0, good.length]],
  );
});
