// The document's schema of `GET /reconciliation` is what is answered, with and without values.
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  type Comparison,
  comparisonDayJson,
  type EpochMs,
  type Fingerprint,
  type UtcDay,
} from "@tandem/shared-logic";
import { reconciliationSchema } from "../../src/http/schemas.ts";

const comparison: Comparison = {
  metric: "people",
  version: 1,
  fingerprint: "people@1" as Fingerprint,
  run: "2026-03-02-0",
  events: { batch: 10, sure: 9, suspected: 1, unchecked: 0 },
  value: { batch: "12345678901234567890", speed: "3.5", low: null, high: null },
  difference: -1,
  sigma: 1 / 3,
  z: -2.123456,
  dense: false,
  bloom: { expected: 0.01, most: 1 },
  late: { low: 0, high: 2 },
  latePending: 0,
  deadLettered: 0,
  dropped: { low: 0, high: 1 },
  duplicated: { low: 0, high: 0 },
  states: { cells: 24, differ: 0 },
  unexplained: [],
};

test("what is answered has the schema's shape", () => {
  const nothing = { ...comparison, difference: null, sigma: null, z: null };
  const row = { day: 20_000 as UtcDay, at: 1.75e12 as EpochMs, metrics: [comparison, nothing] };
  const days = [comparisonDayJson(row, {})];
  reconciliationSchema.parse({ days });
  assert.ok(!reconciliationSchema.safeParse({ days: [{ ...days[0], more: 1 }] }).success);
  assert.equal(comparisonDayJson(row, { metric: "others" }), undefined);
  assert.equal(comparisonDayJson(row, { unexplained: true }), undefined);
});
