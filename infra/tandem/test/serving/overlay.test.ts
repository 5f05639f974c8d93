// Both layers laid over each other, on a store that a scheduler could stop anywhere: what is covered is
// counted once.
import assert from "node:assert/strict";
import { test } from "node:test";
import {
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
import { base, events, NEXT, ONE_DAY, view } from "./overlay-days.ts";
import { at, DAY, World } from "./serving-fixture.ts";

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
