// Groups beyond a metric's limit, of which each layer keeps others: bounds hold, and the total stays right.
import assert from "node:assert/strict";
import { test } from "node:test";
import { count, metric } from "@tandem/shared-logic";
import { base, NEXT, ONE_DAY, view } from "./overlay-days.ts";
import { DAY, World } from "./serving-fixture.ts";

const capped = metric({
  ...base,
  name: "capped",
  reducer: count(),
  by: [["event_type"]],
  limit: 2,
});

test("groups beyond the limit fold into (other); the total stays right", async () => {
  const w = await World.create([capped]);
  const kinds = ["a", "a", "a", "b", "b", "c"];
  for (const event_type of kinds) w.append({ ...view("10:00:00"), event_type });
  const v = w.cut();
  await w.publish(capped, DAY, v);
  await w.flushAll();
  const shown = async () => {
    const { points, capped: is } = await w.ask(capped, { ...ONE_DAY, by: "event_type" });
    assert.equal(is, true);
    return points.map((p) => [p.by?.["event_type"], p.value, p.low, p.high, p.exact]);
  };
  assert.deepEqual(await shown(), [
    ["a", 3, 3, 3, true],
    ["b", 2, 2, 2, true],
    ["(other)", 1, 1, 1, true],
  ]);
  // A value that batch did not keep folds into (other); speed's own (other) may be anybody's.
  for (const event_type of ["c", "x", "y"]) w.append({ ...view("11:00:00"), event_type });
  await w.flushAll();
  assert.deepEqual(await shown(), [
    ["a", 3, 3, 4, false],
    ["b", 2, 2, 3, false],
    ["(other)", 4, 4, 4, true],
  ]);
  const total = await w.ask(capped, ONE_DAY);
  assert.deepEqual(
    [total.points[0]?.value, total.points[0]?.exact, total.capped],
    [9, true, false],
  );
  // Asked alone, a group that batch folded away may be all that is not named: one of batch, two of speed.
  const c = await w.ask(capped, { ...ONE_DAY, where: "event_type=c" });
  assert.deepEqual(
    [c.points[0]?.value, c.points[0]?.low, c.points[0]?.high, c.points[0]?.exact],
    [0, 0, 3, false],
  );
});

test("a group kept on one day and folded away on another is not exact over both", async () => {
  const w = await World.create([capped]);
  for (const event_type of ["a", "a", "b", "b", "c"]) w.append({ ...view("10:00:00"), event_type });
  for (const event_type of ["a", "a", "c", "c", "b"])
    w.append({ timestamp: "2019-10-02T10:00:00Z", event_type });
  const v = w.cut();
  await w.publish(capped, DAY, v);
  await w.publish(capped, NEXT, v);
  await w.flushAll();
  const q = { from: "2019-10-01", until: "2019-10-03", grain: "total", by: "event_type" };
  const { points } = await w.ask(capped, q);
  assert.deepEqual(
    points.map((p) => [p.by?.["event_type"], p.value, p.low, p.high, p.exact]),
    [
      ["a", 4, 4, 4, true],
      ["b", 2, 2, 3, false],
      ["c", 2, 2, 3, false],
      ["(other)", 2, 2, 2, true],
    ],
  );
});
