// What a day's cells show of a window is of that window: also where states do not know when their events were.
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  type Algebra,
  type EpochMs,
  type Estimate,
  formatDecimal,
  HOUR_MS,
  readyMetric,
} from "@tandem/shared-logic";
import { decodedForm } from "../src/cell-form.ts";

const DAY = Date.UTC(2026, 2, 2);
const hour = (n: number): EpochMs => (DAY + n * HOUR_MS) as EpochMs;
const plain = (estimates: ReadonlyMap<string, Estimate>): Record<string, string> =>
  Object.fromEntries(
    [...estimates].map(([group, { value }]) => [group, value ? formatDecimal(value) : "null"]),
  );

test("a list by the hour counts the hour's events, not the day's", () => {
  const metric = readyMetric("top_pages");
  const exact = metric.reducer.exact as Algebra<unknown, unknown>;
  const views = (...pages: string[]) => ({
    state: pages.reduce(
      (s, page, i) => exact.append(s, { hi: i, lo: i, group: JSON.stringify([page]) }),
      exact.zero,
    ),
    events: pages.length,
    skipped: 0,
  });
  const starts = new Map([
    [hour(1), views("/a", "/a", "/b")],
    [hour(3), views("/a")],
  ]);
  const shown = decodedForm(metric).shown(starts, { from: hour(0), until: hour(24) });
  assert.deepEqual(plain(shown("hour", hour(1), 0)), { "[]": "3" });
  assert.deepEqual(plain(shown("hour", hour(1), 1)), { '["/a"]': "2", '["/b"]': "1" });
  assert.deepEqual(plain(shown("hour", hour(2), 0)), { "[]": "0" });
  assert.deepEqual(plain(shown("hour", hour(2), 1)), {});
  assert.deepEqual(plain(shown("hour", hour(3), 1)), { '["/a"]': "1" });
  assert.deepEqual(plain(shown("day", hour(0), 1)), { '["/a"]': "3", '["/b"]': "1" });
});
