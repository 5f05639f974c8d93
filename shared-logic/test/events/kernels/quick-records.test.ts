// Records taken many at a time are the records of one event after the other, and nothing of a body is lost or
// judged otherwise for it.
import assert from "node:assert/strict";
import { test } from "node:test";
import { crc32 } from "node:zlib";
import { CLOCK_TOLERANCE_MS } from "../../../src/events/decide-time.ts";
import { EventFacts } from "../../../src/events/event-facts.ts";
import { DEFAULT_EVENT_LIMITS, type EventLimits } from "../../../src/events/event-limits.ts";
import { EventWalk } from "../../../src/events/event-walk.ts";
import { chooseKernels } from "../../../src/events/kernels/kernel-choice.ts";
import {
  importReceivedMs,
  makeImportedRecord,
  makeRecord,
} from "../../../src/events/make-record.ts";
import { PackedRecord } from "../../../src/events/packed-record.ts";
import { partitionKey } from "../../../src/events/partition-key.ts";
import { ownBytes } from "../../../src/events/record.ts";
import { partitionOf } from "../../../src/hash/murmur2.ts";
import type { AppendRecord } from "../../../src/ports/event-log.ts";
import { below, type Random, seededRandom } from "../../../src/ports/random.ts";
import { eventText } from "./event-texts.ts";

chooseKernels("fast");
const utf8 = new TextEncoder();
const TENANT = utf8.encode("a tenant");
const NOW = Date.UTC(2026, 2, 10);
const RECORDING = { tenant: TENANT, now: NOW, partitions: 7, take: ownBytes, checked: true };

interface Seen {
  readonly events: readonly unknown[];
  readonly problem: unknown;
  readonly quick: number;
}

function recordOf(facts: EventFacts, imported: boolean): AppendRecord | string {
  if (imported && importReceivedMs(facts) > NOW + CLOCK_TOLERANCE_MS) return "future";
  const key = partitionKey(facts, TENANT);
  const value = imported ? makeImportedRecord(facts, TENANT) : makeRecord(facts, TENANT, NOW);
  return { partition: partitionOf(key, 7), key, value };
}

/** Of a record that comes without one, the check that it should have. */
function plain(record: AppendRecord): unknown {
  const { partition, key, value } = record;
  const payload = Uint8Array.of(key.length, 0, 0, 0, ...key, ...value);
  const check = record instanceof PackedRecord ? record.check : crc32(payload, payload.length);
  return { partition, key: [...key], value: [...value], check };
}

function walked(body: Uint8Array, limits: EventLimits, quickly: boolean): Seen {
  const walk = new EventWalk(body, limits);
  const events: unknown[] = [];
  let quick = 0;
  for (;;) {
    const run = { records: [] as AppendRecord[], starts: [] as number[], ends: [] as number[] };
    if (quickly) walk.takeRecords(RECORDING, run);
    run.records.forEach((r, i) => {
      events.push([run.starts[i], run.ends[i], plain(r)]);
    });
    quick += run.records.length;
    if (run.records.length > 0) continue;
    if (!walk.next()) break;
    const { outcome } = walk;
    const made =
      outcome instanceof EventFacts ? recordOf(outcome, limits.imported === true) : outcome;
    const shown = typeof made === "object" && "value" in made;
    events.push([walk.start, walk.end, shown ? plain(made) : made]);
  }
  return { events: walk.problem === undefined ? events : [], problem: walk.problem, quick };
}

function bodyOf(random: Random): Uint8Array {
  const texts = Array.from({ length: below(random, 150) }, (_, i) => eventText(random, i));
  const space = (): string => (below(random, 30) === 0 ? " \r\n" : "");
  const lines = below(random, 2) === 0;
  const joined = lines
    ? texts.map((text) => `${space()}${text}${below(random, 9) === 0 ? "\r" : ""}`).join("\n")
    : `[${texts.map((text) => `${space()}${text}${space()}`).join(",")}${below(random, 20) === 0 ? "," : ""}]`;
  // What stands behind an array's end, or as another line.
  const behind = ["\n", "]", " x", `${eventText(random, 1)}]`, "", ` ${eventText(random, 2)}`];
  const body = utf8.encode(joined + (behind[below(random, 15)] ?? ""));
  // Broken somewhere, seldom: an array is then refused as a whole.
  if (below(random, 4) === 0 && body.length > 0)
    body[below(random, body.length)] = below(random, 128);
  return body;
}

for (const imported of [false, true]) {
  test(`${imported ? "imported" : "live"} events: many at a time as one by one`, (t) => {
    const limits = { ...DEFAULT_EVENT_LIMITS, imported };
    let [quick, all] = [0, 0];
    for (let seed = 1; seed <= 300; seed++) {
      const body = bodyOf(seededRandom(seed));
      const seen = walked(body, limits, true);
      const { events, problem } = walked(body, limits, false);
      assert.deepEqual(seen.problem, problem, `seed ${seed}`);
      assert.deepEqual(seen.events, events, `seed ${seed}`);
      quick += problem === undefined ? seen.quick : 0;
      all += events.length;
    }
    t.diagnostic(`seeds 1 to 300: ${quick} of ${all} events quickly`);
    assert.ok(quick > all * 0.2);
  });
}

test("checks are made for a log that keeps them only", () => {
  const event = `{"event_id":"e1","event_type":"view","timestamp":1772445600000,"user_id":"u"}`;
  const body = utf8.encode(`[${event}]`);
  // The first body of a shape is read by the twin.
  walked(body, DEFAULT_EVENT_LIMITS, true);
  for (const checked of [true, false]) {
    const run = { records: [] as AppendRecord[], starts: [], ends: [] };
    new EventWalk(body, DEFAULT_EVENT_LIMITS).takeRecords({ ...RECORDING, checked }, run);
    const checks = run.records.map((r) => r instanceof PackedRecord && r.check !== undefined);
    assert.deepEqual(checks, [checked]);
  }
});

test("times in milliseconds are as quick as texts", () => {
  const event = (i: number, time: string): string =>
    `{"event_id":"e${i}","event_type":"view","timestamp":${time},"user_id":"u"}`;
  for (const time of ["1772445600000", '"2026-03-02T10:00:00Z"']) {
    const texts = Array.from({ length: 50 }, (_, i) => event(i, time));
    const body = utf8.encode(`[${texts.join(",")}]`);
    // The first body of a shape is read by the twin.
    walked(body, DEFAULT_EVENT_LIMITS, true);
    assert.equal(walked(body, DEFAULT_EVENT_LIMITS, true).quick, 50, time);
  }
});

test("two bodies walked through in turns do not disturb each other", () => {
  const random = seededRandom(4);
  const limits = { ...DEFAULT_EVENT_LIMITS };
  for (let i = 0; i < 20; i++) {
    const bodies = [bodyOf(random), bodyOf(random)];
    const alone = bodies.map((body) => walked(body, limits, true).events.length);
    const walks = bodies.map((body) => new EventWalk(body, limits));
    const counts = [0, 0];
    for (let open = true; open; ) {
      open = false;
      walks.forEach((walk, w) => {
        const run = { records: [], starts: [], ends: [] };
        if (below(random, 2) === 0) walk.takeRecords(RECORDING, run);
        const more = walk.next();
        counts[w]! += run.records.length + (more ? 1 : 0);
        open ||= more;
      });
    }
    walks.forEach((walk, w) => {
      if (walk.problem === undefined) assert.equal(counts[w], alone[w], `${i}`);
    });
  }
});
