import assert from "node:assert/strict";
import { test } from "node:test";
import type { EpochMs, Fingerprint, SpeedRow } from "@tandem/shared-logic";
import { keyOrder } from "../../src/embedded/key-order.ts";

const row = (fp: string, tenant: string, set: number, startMs: number, group = "g"): SpeedRow => ({
  fp: fp as Fingerprint,
  tenant,
  set,
  group,
  startMs: startMs as EpochMs,
  segment: 0,
  to: 1,
  doubt: 0,
  events: 1,
  skipped: 0,
  state: new Uint8Array(0),
});

test("each row comes once, those of a series together and by hour, also before 1970", () => {
  const rows: SpeedRow[] = [];
  for (const hour of [7, 3, 5, -2])
    for (const fp of ["b", "a"])
      for (const tenant of ["x", "y"])
        for (const set of [1, 0]) rows.push(row(fp, tenant, set, hour * 3_600_000));
  const order = keyOrder(rows);
  assert.deepEqual(
    [...order].sort((a, b) => a - b),
    [...rows.keys()],
  );
  const series = Array.from(order, (i) => `${rows[i]!.fp} ${rows[i]!.tenant} ${rows[i]!.set}`);
  assert.equal(series.filter((s, i) => s !== series[i - 1]).length, 8);
  for (let at = 0; at < order.length; at += 4) {
    const hours = Array.from(order.subarray(at, at + 4), (i) => rows[i]!.startMs / 3_600_000);
    assert.deepEqual(new Set(hours), new Set([3, 5, 7, -2]));
    assert.deepEqual(
      hours.filter((h) => h > 0),
      [3, 5, 7],
    );
  }
});

test("rows of one series and hour are in the order of their groups", () => {
  const groups = ["b", "[]", "é", "ab", "a", "c"];
  const rows = [2, 1].flatMap((hour) =>
    groups.map((group) => row("f", "t", 0, hour * 3_600_000, group)),
  );
  const order = Array.from(keyOrder(rows), (i) => rows[i]!);
  const sorted = ["[]", "a", "ab", "b", "c", "é"];
  assert.deepEqual(
    order.map((r) => r.group),
    [...sorted, ...sorted],
  );
  assert.deepEqual(
    order.map((r) => r.startMs / 3_600_000),
    [...Array(6).fill(1), ...Array(6).fill(2)],
  );
});
