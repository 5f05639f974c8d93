import assert from "node:assert/strict";
import { test } from "node:test";
import { Fold } from "../../src/fold/fold.ts";
import { metric } from "../../src/metrics/metric.ts";
import { count } from "../../src/reducers/count.ts";
import { columnsOf } from "../../src/testing/columns-of.ts";

test("a doubt belongs to its place in the list of rows, not to the row's number", () => {
  const m = metric({
    name: "n",
    title: "n",
    unit: "events",
    version: 1,
    reducer: count(),
    examples: [],
  });
  const timestamp = "2019-10-01T00:00:00Z";
  const columns = columnsOf([1, 2, 3, 4].map((i) => ({ event_type: "view", timestamp, i })));
  const fold = new Fold([m], "approx");
  // Row 0 was a duplicate, so the rows and their doubts have moved up by one.
  fold.fold(columns, Uint32Array.of(1, 2, 3), Uint8Array.of(0, 1, 0), 3);
  const events = new Map([...fold.rows()].map((r) => [r.doubt, r.events]));
  assert.deepEqual(
    events,
    new Map([
      [0, 2],
      [1, 1],
    ]),
  );
});
