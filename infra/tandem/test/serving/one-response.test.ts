// What one response shows does not contradict itself: a group, what is left of a cut breakdown and what a condition lets
// through are at most their total, users and sessions at most events, and a metric at most one that counts the same
// of more events; in ranges that are compared too, on other clocks than UTC, for runs of each metric at a V of its own.
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  type Answer,
  type AnswerPoint,
  below,
  type Condition,
  count,
  distinct,
  eventType,
  funnel,
  isIn,
  type Metric,
  metric,
  sessions as ofSessions,
  perUser,
  type Random,
  SUSPECTED,
  seededRandom,
  text,
  topK,
  UNCHECKED,
  type UtcDay,
  user,
} from "@tandem/shared-logic";
import { at, DAY, World } from "./serving-fixture.ts";

const TYPES = ["view", "cart", "purchase"];
const COUNTRIES = ["DE", "FR", "US", "IT", "ES", "PL"];
const COUNTRY = "properties.country";
const FIRST_MS = at("2019-10-01T00:00:00Z");
const DAYS = 4;

const bought = eventType("purchase");
const inGermany: Condition = { op: "and", all: [bought, isIn(COUNTRY, "DE")] };
const of = (name: string, reducer: Metric["reducer"], more: Partial<Metric> = {}): Metric =>
  metric({
    ...{ name, reducer, title: "t", unit: "u", version: 1, examples: [] },
    by: more.by ?? [[COUNTRY], ["event_type", COUNTRY]],
    ...(more.where === undefined ? {} : { where: more.where }),
    ...(more.limit === undefined ? {} : { limit: more.limit }),
  });
const small = { precision: 4 };
const steps = TYPES.map((type) => eventType(type));
const METRICS = [
  of("events", count()),
  of("purchases", count(), { where: bought }),
  of("users", distinct(user(), small)),
  of("buyers", distinct(user(), small), { where: bought }),
  of("german_buyers", distinct(user(), small), { where: inGermany }),
  of("few", distinct(user(), small), { limit: 3 }),
  of("sessions", perUser(ofSessions(), { sample: 4 })),
  of("top", topK(text(COUNTRY), { k: 3, sample: 16 }), { by: [[COUNTRY]] }),
  of("funnel", perUser(funnel({ steps }), { sample: 8 }), { by: [["step"], ["step", COUNTRY]] }),
];
/** The second has all that the first counts. */
const SUBSETS = [
  ["purchases", "events"],
  ["buyers", "users"],
  ["german_buyers", "buyers"],
  ["german_buyers", "users"],
  ["users", "events"],
  ["buyers", "purchases"],
  ["german_buyers", "purchases"],
  ["sessions", "events"],
] as const;

function append(w: World, random: Random, events: number): void {
  for (let i = 0; i < events; i++)
    w.append(
      {
        timestamp: new Date(FIRST_MS + below(random, DAYS * 86_400_000)).toISOString(),
        user_id: `u${below(random, below(random, 2) === 0 ? 4 : 40)}`,
        event_type: TYPES[below(random, 3)] ?? "",
        properties: { country: COUNTRIES[below(random, 1 + below(random, 6))] },
      },
      {
        partition: below(random, 2),
        ...(below(random, 20) === 0 ? { doubt: below(random, 2) ? SUSPECTED : UNCHECKED } : {}),
      },
    );
}

const groupOf = (p: AnswerPoint): string => JSON.stringify(p.by ?? {});
const keyOf = (p: AnswerPoint): string => `${p.from} ${groupOf(p)}`;
const mapped = (points: readonly AnswerPoint[] = []) => new Map(points.map((p) => [keyOf(p), p]));

interface Held {
  readonly wrong: Set<string>;
  points: number;
}

function atMost(held: Held, what: string, less: AnswerPoint, more: AnswerPoint | undefined): void {
  held.points++;
  const [l, m] = [less, more ?? less].map(({ value, low, high }) => [low, value, high].map(Number));
  const [low = 0, value = 0, high = 0] = l ?? [];
  const [, most = 0, highest = 0] = m ?? [];
  if (more && low <= value && value <= high && value <= most && low <= highest) return;
  held.wrong.add(`${what}: ${JSON.stringify(less)} above ${JSON.stringify(more)}`.slice(0, 600));
}

function check(held: Held, where: string, answers: readonly Answer[]): void {
  const named = new Map(answers.map((a) => [a.metric, a]));
  for (const { metric: name, points, total } of answers) {
    const totals = mapped(total);
    for (const p of name === "funnel" || !total ? [] : points)
      atMost(held, `${where}, ${name}: of the total`, p, totals.get(`${p.from} {}`));
    const each = mapped(points);
    for (const p of name === "funnel" ? points : []) {
      const step = Number(p.by?.["step"]);
      const before = keyOf(p).replace(`"step":"${step}"`, `"step":"${step - 1}"`);
      if (step > 1) atMost(held, `${where}: step`, p, each.get(before));
    }
  }
  for (const [less, more] of SUBSETS)
    for (const of of [
      (a?: Answer) => a?.points,
      (a?: Answer) => a?.total,
      (a?: Answer) => a?.compare?.points,
    ]) {
      const whole = mapped(of(named.get(more)));
      for (const p of of(named.get(less)) ?? []) {
        // A cut breakdown may show other groups of the one than of the other.
        if (p.by?.[COUNTRY] === "(rest)") continue;
        const beside = whole.get(keyOf(p));
        if (beside) atMost(held, `${where}: ${less} are ${more}`, p, beside);
      }
    }
}

const QUESTIONS: readonly Readonly<Record<string, string>>[] = [
  { by: COUNTRY, limit: "2", order: "value" },
  { by: COUNTRY, limit: "2", tz: "Europe/Berlin" },
  { by: COUNTRY },
  {},
  { compare: "previous_period", from: "2019-10-03" },
  { where: `event_type in (view, purchase)`, by: COUNTRY, limit: "2" },
  { where: `${COUNTRY} in (DE, FR)` },
  { where: "event_type:purchase", by: COUNTRY, limit: "2", tz: "America/New_York" },
];

test("nothing in one response contradicts another thing in it", async (t) => {
  const held: Held = { wrong: new Set(), points: 0 };
  for (let seed = 1; seed <= 3; seed++) {
    const random = seededRandom(seed);
    const w = await World.create(METRICS, { now: at("2019-10-12T00:00:00Z") });
    append(w, random, 20 + below(random, 150));
    const v = w.cut();
    const horizon = below(random, DAYS + 1);
    // A metric of its own V, and of another horizon than its neighbours.
    const later = [v];
    if (seed % 2 === 0) {
      append(w, random, below(random, 20));
      later.push(w.cut());
    }
    for (const m of METRICS) {
      const sealed = Math.max(0, horizon - below(random, 2) * below(random, 3));
      const own = later[below(random, later.length)] ?? v;
      for (let i = 0; i < sealed; i++) await w.publish(m, (DAY + i) as UtcDay, own);
    }
    if (below(random, 3) > 0) append(w, random, 1 + below(random, 20));
    await w.flushAll();
    for (const question of QUESTIONS.filter((_, i) => (i + seed) % 2 === 1))
      for (const grain of ["day", "total"]) {
        const params = { from: "2019-10-01", until: "2019-10-05", grain, ...question };
        const where = `seed ${seed}, ${horizon} sealed, ${JSON.stringify(params)}`;
        const names = METRICS.filter((m) => {
          if (m.reducer.inside) return !("where" in question) && m.name !== "funnel";
          return true;
        }).map((m) => m.name);
        const limited = "limit" in question ? ["users", "few", "sessions", "top"] : [];
        for (const name of limited.filter((one) => names.includes(one)))
          check(held, where, [await w.ask(name, params)]);
        const many = await w.engine.queryMany(params, names, "acme");
        assert.ok(many.ok, JSON.stringify(many));
        check(held, where, many.answers);
      }
    for (const params of [
      { grain: "day", by: ["step", COUNTRY] },
      { grain: "total", by: ["step", COUNTRY] },
      { grain: "day", by: "step", compare: "previous_period" },
    ])
      check(held, `seed ${seed}, funnel ${JSON.stringify(params)}`, [
        await w.ask("funnel", { from: "2019-10-01", until: "2019-10-05", ...params }),
      ]);
  }
  t.diagnostic(`${held.points} points held against others`);
  assert.deepEqual([...held.wrong].slice(0, 12), []);
});
