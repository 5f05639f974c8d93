// An answer has the shape that the OpenAPI document promises, down to the last field.
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  type Answer,
  count,
  decimalOf,
  type EpochMs,
  epochMs,
  exactly,
  type GroupPoint,
  metric,
  OTHER_GROUP,
  type UtcDay,
  type WindowPoints,
} from "@tandem/shared-logic";
import { Ajv2020 } from "ajv/dist/2020.js";
import { buildAnswer } from "../../src/answer/build-answer.ts";
import { openApiDocument } from "../../src/http/open-api.ts";
import { parseQuery } from "../../src/query/parse-query.ts";
import type { Seam } from "../../src/read/seam.ts";

const DAY = 18_170 as UtcDay;
const NOW = epochMs(Date.parse("2019-10-03T12:00:00Z"));
const events = metric({
  name: "events",
  title: "E",
  unit: "events",
  version: 1,
  reducer: count(),
  by: [["event_type"]],
  examples: [],
});
const seam: Seam = {
  positions: [],
  starts: [],
  days: new Map([[DAY, { run: "r", v: [1], pinned: true }]]),
  versions: new Map(),
  spans: [],
};
const point = (group: string, value: bigint | null): GroupPoint => ({
  group,
  estimate: exactly(value === null ? null : decimalOf(value)),
  exact: true,
  layer: "batch",
  run: "r",
});

function answerOf(windows: Partial<WindowPoints>[], freshness: EpochMs | null = NOW): Answer {
  const parsed = parseQuery(
    { from: "2019-10-01", until: "2019-10-04", grain: "day", by: "event_type" },
    events,
    NOW,
  );
  assert.ok(parsed.ok);
  const { query } = parsed;
  const whole = query.windows.map((window, i) => ({
    window,
    missing: undefined,
    points: [],
    lag: false,
    torn: new Set<number>(),
    capped: false,
    suspected: 0,
    unchecked: 0,
    skipped: 0,
    aboveRuns: new Map(),
    ...windows[i],
  }));
  const facts = { horizon: undefined, freshness: freshness ?? undefined, now: NOW };
  return buildAnswer(query, seam, [whole], facts, { cost: { cells: 4320 } });
}

test("every answer keeps to the document's schema", () => {
  const document = openApiDocument("1.0.0") as {
    components: { schemas: { Answer: object } };
  };
  const ajv = new Ajv2020({ strict: false, validateFormats: false });
  const valid = ajv.compile(document.components.schemas.Answer);
  const large = 2n ** 70n;
  const answers = [
    answerOf([]),
    answerOf([{ points: [point('["a"]', 1n), point("[null]", null), point(OTHER_GROUP, large)] }]),
    answerOf([{ missing: "why", lag: true, torn: new Set([1]) }]),
  ];
  for (const answer of answers) {
    const parsed: unknown = JSON.parse(JSON.stringify(answer));
    assert.ok(valid(parsed), JSON.stringify(valid.errors));
  }
  assert.ok(!valid({ ...answers[0], more: 1 }), "an unknown field is noticed");
});

test("values beyond 15 digits are text, absent ones null; (other) stands in every dimension", () => {
  const { points } = answerOf([
    { points: [point('["a"]', 123n), point("[null]", null), point(OTHER_GROUP, 10n ** 20n + 1n)] },
  ]);
  assert.deepEqual(
    points.map((p) => [p.by?.["event_type"], p.value]),
    [
      ["a", 123],
      [null, null],
      ["(other)", "100000000000000000001"],
    ],
  );
});

test("neighbours that lack the same are one missing range; codes are sorted and stand once", () => {
  const answer = answerOf([
    { missing: "a", lag: true, torn: new Set([2, 0]) },
    { missing: "a", lag: true, torn: new Set([2]) },
    { missing: "b" },
  ]);
  assert.deepEqual(answer.missing, [
    { from: "2019-10-01T00:00:00Z", until: "2019-10-03T00:00:00Z", why: "a" },
    { from: "2019-10-03T00:00:00Z", until: "2019-10-04T00:00:00Z", why: "b" },
  ]);
  assert.deepEqual(answer.degraded, [
    "flush_interrupted:0",
    "flush_interrupted:2",
    "lag",
    "pinned:2019-10-01",
  ]);
});

test("late events are pending in closed days only", () => {
  const above = (events: number) => new Map([[DAY, events]]);
  const open = new Map([[(DAY + 2) as UtcDay, 5]]);
  assert.equal(answerOf([{ aboveRuns: above(3) }, {}, { aboveRuns: open }]).late_pending, 3);
});

test("while a partition was never heard of, what speed supplies is not called exact", () => {
  const speed = { ...point(OTHER_GROUP, 0n), layer: "speed", run: undefined } as const;
  const windows = [{ points: [point(OTHER_GROUP, 5n)] }, { points: [speed] }];
  const exact = (a: Answer): boolean[] => a.points.map((p) => p.exact);
  assert.deepEqual(exact(answerOf(windows)), [true, true]);
  assert.deepEqual(exact(answerOf(windows, null)), [true, false]);
});
