// A run's checksum: order does not matter, every field does, and sums of parts are told apart.
import assert from "node:assert/strict";
import { test } from "node:test";
import { epochMs, RunChecksum, type RunRow, type RunSum } from "../../src/index.ts";

const row: RunRow = {
  tenant: "acme",
  set: 1,
  group: '["DE"]',
  grain: "hour",
  startMs: epochMs(-3_600_000),
  events: 7,
  skipped: 1,
  value: "12.5",
  state: Uint8Array.of(1, 2, 3),
};
const sum = (rows: readonly RunRow[]): RunSum => {
  const checksum = new RunChecksum();
  for (const r of rows) checksum.add(r);
  return checksum.done();
};

test("rows in another order have the same sum, a repeated row has not", () => {
  const rows = [row, { ...row, set: 2 }, { ...row, tenant: "other" }];
  assert.deepEqual(sum(rows), sum([...rows].reverse()));
  assert.equal(sum(rows).count, 3);
  assert.notEqual(sum([row, row]).checksum, sum([row]).checksum);
  assert.notEqual(sum([row, row]).checksum, sum([]).checksum);
});

test("every field counts, and an absent value is neither null nor empty text", () => {
  const { value: _, ...valueless } = row;
  const others: RunRow[] = [
    { ...row, tenant: "acme2" },
    { ...row, set: 0 },
    { ...row, group: '["FR"]' },
    { ...row, grain: "day" },
    { ...row, startMs: epochMs(0) },
    { ...row, events: 8 },
    { ...row, skipped: 0 },
    { ...row, value: "12.50" },
    { ...row, value: null },
    { ...row, value: "" },
    valueless,
    { ...row, state: Uint8Array.of(1, 2) },
  ];
  const sums = new Set([row, ...others].map((r) => sum([r]).checksum));
  assert.equal(sums.size, others.length + 1);
});

test("the sum of a known row stays what it is: stored runs are checked against it", () => {
  assert.equal(sum([row]).checksum, "37f433e26cad0d174ce2b044e7fbe040");
});
