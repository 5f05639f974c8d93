// Both layers laid over each other, on a store that a scheduler could stop anywhere: what is covered is
// counted once, what is not is named.
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  count,
  decimal,
  distinct,
  metric,
  sessions as ofSessions,
  perUser,
  SUSPECTED,
  sum,
  UNCHECKED,
  type UtcDay,
  user,
} from "@tandem/shared-logic";
import { at, DATASET, DAY, World } from "./serving-fixture.ts";

const base = { title: "T", unit: "events", version: 1, examples: [] };
const events = metric({ ...base, name: "events", reducer: count(), by: [["event_type"]] });
const users = metric({ ...base, name: "users", reducer: distinct(user()), by: [["event_type"]] });
const sessions = metric({
  ...base,
  name: "sessions",
  reducer: perUser(ofSessions()),
  by: [["event_type"]],
});
const revenue = metric({
  ...base,
  name: "revenue",
  reducer: sum(decimal("properties.price", { scale: 2 })),
});
const capped = metric({
  ...base,
  name: "capped",
  reducer: count(),
  by: [["event_type"]],
  limit: 2,
});
const ONE_DAY = { from: "2019-10-01", until: "2019-10-02", grain: "day" };
const NEXT = (DAY + 1) as UtcDay;

const view = (time: string, more = {}) => ({
  timestamp: `2019-10-01T${time}Z`,
  event_type: "view",
  ...more,
});

test("every window has its point, by group too", async () => {
  const w = await World.create([events, users]);
  w.append(view("10:00:00"));
  await w.flushAll();
  for (const m of [events, users]) {
    const hours = await w.ask(m, { from: "2019-10-01", until: "2019-10-02", grain: "hour" });
    assert.equal(hours.points.length, 24);
    assert.equal(
      hours.points.reduce((n, p) => n + Number(p.value), 0),
      1,
    );
    const by = await w.ask(m, {
      from: "2019-10-01",
      until: "2019-10-03",
      grain: "day",
      by: "event_type",
    });
    assert.deepEqual(
      by.points.map((p) => [p.from, p.by, p.value]),
      [
        ["2019-10-01T00:00:00Z", { event_type: "view" }, 1],
        ["2019-10-02T00:00:00Z", { event_type: "view" }, 0],
      ],
    );
  }
});

test("a late event shows at once on top of a sealed day, counts as pending, and once", async () => {
  const w = await World.create([events, users, sessions]);
  w.append(view("10:00:00", { user_id: "ann" }));
  w.append(view("12:00:00", { user_id: "bob" }), { partition: 1 });
  const v = w.cut();
  for (const m of w.metrics) await w.publish(m, DAY, v);
  await w.flushAll();
  for (const m of w.metrics) {
    const { points, late_pending } = await w.ask(m, ONE_DAY);
    assert.deepEqual([points[0]?.value, points[0]?.exact, points[0]?.layer], [2, true, "batch"]);
    assert.equal(late_pending, 0);
  }
  w.append(view("23:00:00", { user_id: "cyd" }));
  await w.flushAll();
  for (const m of w.metrics) {
    const { points, late_pending } = await w.ask(m, ONE_DAY);
    assert.deepEqual([points[0]?.value, points[0]?.layer], [3, "both"], m.name);
    assert.equal(points[0]?.exact, m === events, m.name);
    assert.equal(late_pending, 1, m.name);
  }
  assert.equal((await w.ask(sessions, { ...ONE_DAY, grain: "hour" })).late_pending, 1);
});

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

test("doubt is folded: value with the unchecked, low without, high with the suspected", async () => {
  const w = await World.create([events, revenue]);
  const priced = (time: string) => view(time, { properties: { price: 1.5 } });
  w.append(priced("10:00:00"));
  w.append(priced("10:00:01"), { doubt: SUSPECTED });
  w.append(priced("10:00:02"), { doubt: UNCHECKED });
  w.append(view("10:00:03"));
  await w.flushAll();
  const [answer, money] = [await w.ask(events, ONE_DAY), await w.ask(revenue, ONE_DAY)];
  const [p, q] = [answer.points[0], money.points[0]];
  assert.deepEqual([p?.value, p?.low, p?.high, p?.exact], [3, 2, 4, false]);
  assert.deepEqual([q?.value, q?.low, q?.high, money.skipped], [3, 1.5, 4.5, 1]);
  assert.deepEqual([answer.suspected, answer.unchecked], [1, 1]);
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

test("a session counts where it starts, across days of different V", async () => {
  const w = await World.create([sessions]);
  w.append(view("23:50:00"));
  const v = w.cut();
  await w.publish(sessions, DAY, v);
  w.append({ timestamp: "2019-10-02T00:10:00Z", event_type: "view" });
  await w.publish(sessions, NEXT, w.cut());
  await w.flushAll();
  const { points } = await w.ask(sessions, {
    from: "2019-10-01",
    until: "2019-10-03",
    grain: "day",
  });
  assert.deepEqual(
    points.map((p) => [p.value, p.exact]),
    [
      [1, true],
      [0, true],
    ],
  );
  const total = await w.ask(sessions, { from: "2019-10-01", until: "2019-10-03", grain: "total" });
  assert.equal(total.points[0]?.value, 1);
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

test("the horizon ends at the first closed day without a run; freshness is the slowest partition's", async () => {
  const w = await World.create([events], { now: at("2019-10-03T12:00:00Z") });
  w.append(view("10:00:00"));
  const v = w.cut();
  for (const day of [DAY, NEXT, DAY + 2, DAY + 3]) await w.publish(events, day as UtcDay, v);
  await w.flushAll();
  const first = await w.ask(events, ONE_DAY);
  // The third is not over yet, run or not.
  assert.equal(first.horizon, "2019-10-03T00:00:00Z");
  assert.equal(first.freshness, "2019-10-03T12:00:00Z");
  w.append(view("10:00:00"), { partition: 1 });
  w.now = at("2019-10-03T12:00:01Z");
  assert.equal((await w.ask(events, ONE_DAY)).freshness, "2019-10-03T11:59:55Z");
});

test("a tenant sees its own events only", async () => {
  const w = await World.create([events, sessions]);
  w.append(view("10:00:00"), { tenant: "acme" });
  w.append(view("10:00:00"), { tenant: "other" });
  await w.publish(events, DAY, w.cut());
  w.append(view("11:00:00"), { tenant: "other" });
  await w.flushAll();
  for (const [tenant, n] of [
    ["acme", 1],
    ["other", 2],
    ["nobody", 0],
  ] as const) {
    const { points } = await w.ask(events, ONE_DAY, tenant);
    assert.deepEqual(
      points.map((p) => p.value),
      [n],
    );
  }
});
