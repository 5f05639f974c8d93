// Conditions, breakdowns with a limit, windows of before and several metrics at once, over both layers: states of the
// chosen groups are merged, so that no number is a sum of presented ones and none contradicts another.
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  count,
  distinct,
  encodeReceipt,
  eventType,
  metric,
  perUser,
  seededRandom,
  sessions,
  type UtcDay,
  user,
} from "@tandem/shared-logic";
import { DAY, World } from "./serving-fixture.ts";

const base = { title: "T", unit: "events", version: 1, examples: [] };
const BY = [["properties.country"], ["properties.country", "event_type"]];
const events = metric({ ...base, name: "events", reducer: count(), by: BY });
const users = metric({ ...base, name: "users", reducer: distinct(user()), by: BY });
const buyers = metric({
  ...base,
  name: "buyers",
  reducer: distinct(user()),
  where: eventType("buy"),
  by: BY,
});
const visits = metric({ ...base, name: "visits", reducer: perUser(sessions()), by: BY });
const METRICS = [events, users, buyers, visits];
const COUNTRIES = ["DE", "FR", "IT", "US", null];
const RANGE = { from: "2019-10-01", until: "2019-10-04" };
type P = { value: unknown; low: unknown; high: unknown; by?: Record<string, string | null> };

interface Truth {
  readonly day: number;
  readonly country: string | null;
  readonly type: string;
  readonly user: string;
}

/** `sealedDays` of the three have a run; a part of the events comes after the cut. */
async function world(seed: number, sealedDays: number): Promise<{ w: World; truth: Truth[] }> {
  const random = seededRandom(seed);
  const below = (n: number): number => random.u32() % n;
  const w = await World.create(METRICS);
  const truth: Truth[] = [];
  const add = (n: number): void => {
    for (let i = 0; i < n; i++) {
      const t = {
        day: below(3),
        country: COUNTRIES[below(COUNTRIES.length)] ?? null,
        type: below(4) === 0 ? "buy" : "view",
        user: `u${below(60)}`,
      };
      truth.push(t);
      const time = new Date((DAY + t.day) * 86_400_000 + below(86_400) * 1000);
      w.append(
        {
          timestamp: time.toISOString(),
          event_type: t.type,
          user_id: t.user,
          ...(t.country === null ? {} : { properties: { country: t.country } }),
        },
        { partition: Number(t.user.slice(1)) % 2 },
      );
    }
  };
  add(150);
  const v = w.cut();
  for (const m of METRICS)
    for (let d = 0; d < sealedDays; d++) await w.publish(m, (DAY + d) as UtcDay, v);
  add(below(2) * 40);
  await w.flushAll();
  return { w, truth };
}

const within = ({ value, low, high }: P, truth: number, what: string): void => {
  assert.ok(
    Number(low) <= truth && truth <= Number(high),
    `${what}: ${truth} in [${low}, ${high}]`,
  );
  assert.ok(Number(low) <= Number(value) && Number(value) <= Number(high), what);
};

test("a condition merges the groups it lets through, at every horizon", async () => {
  const CASES: [string, (t: Truth) => boolean][] = [
    ["properties.country in (DE, FR)", (t) => t.country === "DE" || t.country === "FR"],
    ["not properties.country=DE", (t) => t.country !== "DE"],
    ["properties.country=(none) or properties.country=US", (t) => !t.country || t.country === "US"],
    [
      "properties.country=DE and event_type=buy or properties.country=IT and event_type!=buy",
      (t) => (t.country === "DE" ? t.type === "buy" : t.country === "IT" && t.type !== "buy"),
    ],
  ];
  for (let seed = 1; seed <= 6; seed++) {
    const { w, truth } = await world(seed, seed % 4);
    for (const [where, fits] of CASES)
      for (const grain of ["day", "total"]) {
        const n = await w.ask(events, { ...RANGE, grain, where });
        const u = await w.ask(users, { ...RANGE, grain, where });
        assert.ok(n.filter && n.where === undefined);
        assert.equal(n.points.length, grain === "day" ? 3 : 1);
        for (const [i, point] of n.points.entries()) {
          const of = truth.filter((t) => fits(t) && (grain === "total" || t.day === i));
          assert.equal(point.value, of.length, `seed ${seed} ${where}`);
          assert.ok(point.exact);
          const people = new Set(of.map((t) => t.user)).size;
          within(u.points[i] as P, people, `seed ${seed} ${where}`);
          if (u.points[i]?.exact) assert.equal(u.points[i]?.value, people);
          assert.ok(Number(u.points[i]?.value) <= Number(point.value));
        }
      }
  }
});

test("days that are sealed answer a condition exactly", async () => {
  const w = await World.create([users]);
  for (const [u, country] of [
    ["a", "DE"],
    ["a", "FR"],
    ["b", "FR"],
    ["c", "US"],
  ] as const)
    w.append({
      timestamp: "2019-10-01T10:00:00Z",
      event_type: "view",
      user_id: u,
      properties: { country },
    });
  await w.publish(users, DAY, w.cut());
  await w.flushAll();
  const day = { from: "2019-10-01", until: "2019-10-02", grain: "day" };
  const { points } = await w.ask(users, { ...day, where: "properties.country in (DE, FR)" });
  assert.deepEqual(
    points.map((p) => [p.value, p.exact, p.layer]),
    [[2, true, "batch"]],
  );
});

test("a limit names the rest, and the total has everything", async () => {
  for (let seed = 1; seed <= 6; seed++) {
    const { w, truth } = await world(seed, seed % 4);
    const by = "properties.country";
    const all = await w.ask(events, { ...RANGE, grain: "total", by });
    const cut = await w.ask(events, { ...RANGE, grain: "day", by, limit: "2" });
    const values = all.points.map((p) => Number(p.value)).sort((a, b) => b - a);
    const named = [...new Set(cut.points.map((p) => p.by?.[by]))];
    assert.equal(cut.groups, all.points.length);
    assert.deepEqual([named.length, named[2]], [3, "(rest)"]);
    const sums = named.map((name) =>
      cut.points.filter((p) => p.by?.[by] === name).reduce((n, p) => n + Number(p.value), 0),
    );
    assert.deepEqual(sums.slice(0, 2), values.slice(0, 2));
    for (let day = 0; day < 3; day++) {
      const from = new Date((DAY + day) * 86_400_000).toISOString().replace(".000", "");
      const own = cut.points.filter((p) => p.from === from);
      const total = cut.total?.find((p) => p.from === from);
      assert.equal(
        own.reduce((n, p) => n + Number(p.value), 0),
        total?.value,
      );
      assert.equal(total?.value, truth.filter((t) => t.day === day).length);
    }
    for (const m of [users, visits]) {
      const answer = await w.ask(m, { ...RANGE, grain: "total", by, limit: "1" });
      const plain = await w.ask(m, { ...RANGE, grain: "total" });
      assert.equal(answer.total?.[0]?.value, plain.points[0]?.value);
      for (const p of answer.points) assert.ok(Number(p.value) <= Number(plain.points[0]?.high));
    }
    const asc = await w.ask(events, { ...RANGE, grain: "total", by, order: "value" });
    assert.deepEqual(
      asc.points.map((p) => Number(p.value)),
      values.toReversed(),
    );
  }
});

test("windows of before stand beside those of now, of the same reading", async () => {
  const { w, truth } = await world(3, 1);
  const answer = await w.ask(events, {
    from: "2019-10-02",
    until: "2019-10-03",
    grain: "day",
    compare: "previous_period",
  });
  assert.deepEqual(
    answer.compare?.points.map((p) => [p.from, p.beside, p.value]),
    [["2019-10-01T00:00:00Z", "2019-10-02T00:00:00Z", truth.filter((t) => t.day === 0).length]],
  );
});

test("several metrics at once contradict each other nowhere, at any horizon, in both layers", async () => {
  for (let seed = 10; seed <= 15; seed++) {
    const { w } = await world(seed, seed % 4);
    for (const layer of ["both", "speed", "batch"])
      for (const params of [
        { ...RANGE, grain: "hour" },
        { ...RANGE, grain: "day" },
        { ...RANGE, grain: "total" },
        { ...RANGE, grain: "day", by: "properties.country" },
        { ...RANGE, grain: "day", where: "properties.country in (DE, FR)" },
      ]) {
        const names = ["events", "users", "buyers"];
        const result = await w.engine.queryMany({ ...params, layer }, names, "acme");
        assert.ok(result.ok);
        const [n, u, b] = result.answers.map(
          (a) => new Map(a.points.map((p) => [JSON.stringify([p.from, p.by]), Number(p.value)])),
        );
        for (const [key, events] of n ?? []) {
          const what = `seed ${seed} ${layer} ${JSON.stringify(params)} ${key}`;
          assert.ok((u?.get(key) ?? 0) <= events, what);
          assert.ok((b?.get(key) ?? 0) <= (u?.get(key) ?? 0), what);
        }
        const months = await w.engine.queryMany(
          { ...params, layer, grain: "month" },
          names,
          "acme",
        );
        assert.ok(months.ok);
        for (const [i, days] of result.answers.entries())
          for (const p of days.points) {
            const by = JSON.stringify(p.by);
            const month = months.answers[i]?.points.find((m) => JSON.stringify(m.by) === by);
            if (month) assert.ok(Number(month.value) >= Number(p.value), `seed ${seed} ${layer}`);
          }
      }
  }
});

test("what is not there yet is refused at once, with the lag; what is, is answered", async () => {
  const w = await World.create([events]);
  w.append({ timestamp: "2019-10-01T10:00:00Z", event_type: "view" });
  await w.flushAll();
  w.append({ timestamp: "2019-10-01T11:00:00Z", event_type: "view" });
  const ask = (to: number, more = {}) =>
    w.engine.query(
      { ...RANGE, at_least: encodeReceipt(new Map([[0, to]])), ...more },
      "events",
      "acme",
    );
  assert.ok((await ask(1)).ok);
  const early = await ask(2);
  assert.ok(!early.ok);
  assert.deepEqual([early.problem.code, early.problem.lag?.records], ["not_yet", 1]);
  const stale = await w.engine.query({ ...RANGE, max_staleness: "1s" }, "events", "acme");
  assert.ok(!stale.ok && stale.problem.lag?.stale_ms === 5000);
  await w.flushAll();
  const now = await ask(2);
  assert.ok(now.ok && now.answer.points.reduce((n, p) => n + Number(p.value), 0) === 2);
  const strange = await w.engine.query(
    { ...RANGE, at_least: encodeReceipt(new Map([[7, 1]])) },
    "events",
    "acme",
  );
  assert.ok(!strange.ok && strange.problem.code === "bad_query");
});

test("a question that would read too much is refused with what it would cost", async () => {
  const w = await World.create([events], { engine: { limits: { costCells: 10_000 } } });
  const result = await w.engine.query({ ...RANGE, by: "properties.country" }, "events", "acme");
  assert.ok(!result.ok);
  assert.deepEqual(
    [result.problem.code, result.problem.cost],
    ["too_much", { cells: 432_000, limit: 10_000 }],
  );
  const { cost } = await w.ask(events, RANGE);
  assert.deepEqual(cost, { cells: 4320 });
});
