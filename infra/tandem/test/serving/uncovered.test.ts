// What the layers do not cover is named, whatever the reason, and nothing else is left out.
import assert from "node:assert/strict";
import { test } from "node:test";
import { events, NEXT, ONE_DAY, view } from "./overlay-days.ts";
import { DATASET, DAY, World } from "./serving-fixture.ts";

test("a hole is reported, and nothing else is left out", async () => {
  const w = await World.create([events]);
  w.append(view("10:00:00"));
  const v = w.cut();
  await w.publish(events, DAY, v);
  await w.flushAll();
  await w.views.dropSpeed(DATASET, events.fingerprint, NEXT, v);
  const answer = await w.ask(events, { from: "2019-10-01", until: "2019-10-04", grain: "hour" });
  assert.deepEqual(answer.missing, [
    {
      from: "2019-10-02T00:00:00Z",
      until: "2019-10-03T00:00:00Z",
      why: "speed rows below offset 1 were dropped and no run covers them",
    },
  ]);
  assert.equal(answer.points.length, 48);
});

test("a metric that nobody folds yet is missing, never zero", async () => {
  const w = await World.create([events]);
  w.append(view("10:00:00"));
  const answer = await w.ask(events, ONE_DAY);
  assert.deepEqual(answer.points, []);
  assert.deepEqual(
    answer.missing.map((m) => m.from),
    ["2019-10-01T00:00:00Z"],
  );
  assert.equal(answer.freshness, null);
});

test("a position below V is lag: batch answers, not exact", async () => {
  const w = await World.create([events]);
  w.append(view("10:00:00"));
  await w.flushAll();
  w.append(view("11:00:00"));
  await w.publish(events, DAY, w.cut());
  const answer = await w.ask(events, ONE_DAY);
  assert.deepEqual([answer.points[0]?.value, answer.points[0]?.exact], [2, false]);
  assert.deepEqual(answer.degraded, ["lag"]);
});

test("a flush cut short: each cell by its own rows, named by partition", async () => {
  const w = await World.create([events]);
  w.append(view("10:00:00"), { partition: 1 });
  await w.flushAll();
  w.append(view("10:30:00"), { partition: 1 });
  // The rows of a flush without its position.
  const rows = w.rows(1, 2);
  const row = rows.find((r) => r.set === 0);
  assert.ok(row);
  await w.views.flush({
    dataset: DATASET,
    partition: 1,
    to: 1,
    asOf: w.now,
    starts: [],
    rows: [row],
  });
  const answer = await w.ask(events, ONE_DAY);
  assert.deepEqual([answer.points[0]?.value, answer.points[0]?.exact], [2, false]);
  assert.deepEqual(answer.degraded, ["flush_interrupted:1"]);
  await w.flushAll();
  const after = await w.ask(events, ONE_DAY);
  assert.deepEqual([after.points[0]?.exact, after.degraded], [true, []]);
});

test("one layer alone: batch names the days it has no run of, speed ignores runs", async () => {
  const w = await World.create([events]);
  w.append(view("10:00:00"));
  await w.publish(events, DAY, w.cut(), true);
  w.append(view("11:00:00"));
  await w.flushAll();
  const range = { from: "2019-10-01", until: "2019-10-03", grain: "day" };
  const batch = await w.ask(events, { ...range, layer: "batch" });
  assert.deepEqual(
    batch.points.map((p) => [p.value, p.layer]),
    [[1, "batch"]],
  );
  assert.deepEqual(
    batch.missing.map((m) => m.why),
    ["no run covers the day"],
  );
  const speed = await w.ask(events, { ...range, layer: "speed" });
  assert.deepEqual(
    speed.points.map((p) => [p.value, p.layer]),
    [
      [2, "speed"],
      [0, "speed"],
    ],
  );
  const both = await w.ask(events, range);
  assert.deepEqual(both.degraded, ["pinned:2019-10-01"]);
});
