// Whatever several metrics show of one truth, they are held to what their declarations say of each other, and intervals
// that held the truth still hold it; what is exact stays. Groups and their total likewise.
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  type Answer,
  type AnswerPoint,
  and,
  below,
  count,
  decimal,
  decimalOf,
  distinct,
  eventType,
  type GroupPoint,
  implies,
  isIn,
  isSubsetOf,
  type Metric,
  mean,
  metric,
  not,
  or,
  perUser,
  type Random,
  seededRandom,
  sessions,
  user,
  type WindowPoints,
} from "@tandem/shared-logic";
import { heldTogether } from "../../src/answer/hold-together.ts";
import { underTotal, withGroups } from "../../src/answer/under-total.ts";

const bought = eventType("purchase");
const of = (name: string, reducer: Metric["reducer"], where?: Metric["where"]): Metric =>
  metric({
    ...{ name, reducer, title: "t", unit: "u", version: 1, examples: [], by: [["country"]] },
    ...(where ? { where } : {}),
  });
const METRICS = {
  events: of("events", count()),
  purchases: of("purchases", count(), bought),
  users: of("users", distinct(user())),
  buyers: of("buyers", distinct(user()), bought),
  sessions: of("sessions", perUser(sessions())),
  // Of fewer events there may be more sessions.
  bought_in: of("bought_in", perUser(sessions()), bought),
  price: of("price", mean(decimal("properties.price", { scale: 2 }), { digits: 2 })),
};
type Name = keyof typeof METRICS;
const SUBSETS: readonly (readonly [Name, Name])[] = [
  ["buyers", "users"],
  ["buyers", "purchases"],
  ["buyers", "events"],
  ["users", "events"],
  ["purchases", "events"],
  ["sessions", "events"],
  ["bought_in", "events"],
  ["bought_in", "purchases"],
];

interface Interval {
  readonly value: number;
  readonly low: number;
  readonly high: number;
  readonly exact: boolean;
}

/** Around the truth, which is in it. */
function shown(random: Random, truth: number): Interval {
  if (below(random, 3) === 0) return { value: truth, low: truth, high: truth, exact: true };
  const low = Math.max(0, truth - below(random, 6));
  const high = truth + below(random, 6);
  return { value: low + below(random, high - low + 1), low, high, exact: false };
}

const GROUPS = ["DE", "FR", undefined] as const;

/** Of each metric, by country and in all. */
function truths(random: Random): Map<string, number> {
  const truth = new Map<string, number>();
  for (const country of GROUPS) {
    const inside = (name: Name): number =>
      country === undefined
        ? Math.max(...["DE", "FR"].map((c) => truth.get(`${name} ${c}`) ?? 0))
        : 0;
    const grown = (name: Name, least: number): number => {
      const n = Math.max(inside(name), least) + below(random, 4);
      truth.set(`${name} ${country}`, n);
      return n;
    };
    const buyers = grown("buyers", 0);
    const users = grown("users", buyers);
    const purchases = grown("purchases", Math.max(buyers, grown("bought_in", 0)));
    grown("events", Math.max(users, purchases, grown("sessions", 0)));
    grown("price", 0);
  }
  return truth;
}

const inside = (p: AnswerPoint, truth = 0): boolean =>
  Number(p.low) <= Number(p.value) &&
  Number(p.value) <= Number(p.high) &&
  Number(p.low) <= truth &&
  truth <= Number(p.high);

test("which metrics are subsets of which", () => {
  for (const less of Object.values(METRICS))
    for (const more of Object.values(METRICS)) {
      const known = SUBSETS.some(([a, b]) => a === less.name && b === more.name);
      if (less !== more) assert.equal(isSubsetOf(less, more), known, `${less.name} ${more.name}`);
    }
  const german = isIn("country", "DE");
  assert.ok(implies(and(bought, german), bought) && implies(bought, or(german, bought)));
  assert.ok(
    implies(eventType("a"), eventType("a", "b")) && !implies(eventType("a", "b"), eventType("a")),
  );
  assert.ok(
    implies(or(and(bought, german), bought), bought) && !implies(or(german, bought), bought),
  );
  assert.ok(
    implies(not(or(german, bought)), not(german)) && !implies(not(german), not(or(german, bought))),
  );
  assert.ok(!implies(undefined, bought) && implies(german, { op: "exists", path: "country" }));
});

test("several metrics are held together, honestly", () => {
  const metrics = Object.values(METRICS);
  let changed = 0;
  for (let seed = 1; seed <= 1000; seed++) {
    const random = seededRandom(seed);
    const truth = truths(random);
    const pointOf = (name: string, country: (typeof GROUPS)[number]): AnswerPoint => ({
      ...{ from: "2019-10-01T00:00:00Z", until: "2019-10-02T00:00:00Z", layer: "both" },
      ...(country === undefined ? {} : { by: { country } }),
      ...shown(random, truth.get(`${name} ${country}`) ?? 0),
    });
    const answers = metrics.map(({ name }) => ({
      metric: name,
      points: [pointOf(name, "DE"), pointOf(name, "FR")],
      total: [pointOf(name, undefined)],
    })) as unknown as Answer[];
    const held = heldTogether(
      metrics.map((metric) => ({ metric })),
      answers,
    );
    const all = (a: Answer | undefined) => [...(a?.points ?? []), ...(a?.total ?? [])];
    const at = (name: string) => all(held[metrics.findIndex((m) => m.name === name)]);
    for (const [i, { name }] of metrics.entries())
      for (const [n, p] of all(held[i]).entries()) {
        const before = all(answers[i])[n];
        const what = `seed ${seed}: ${name} ${JSON.stringify(before)} is ${JSON.stringify(p)}`;
        assert.ok(inside(p, truth.get(`${name} ${GROUPS[n]}`)), what);
        if (before?.exact || name === "price") assert.equal(p, before, what);
        if (p !== before) changed++;
      }
    for (const [less, more] of SUBSETS)
      for (const [n, p] of at(less).entries()) {
        const whole = at(more)[n];
        const what = `seed ${seed}: ${less} ${JSON.stringify(p)}, ${more} ${JSON.stringify(whole)}`;
        assert.ok(Number(p.value) <= Number(whole?.value), what);
      }
    for (const { name, reducer } of metrics) {
      const [de, fr, total] = at(name);
      if (!reducer.atMostEvents) continue;
      for (const p of [de, fr])
        assert.ok(Number(p?.value) <= Number(total?.value), `seed ${seed}: ${name}`);
    }
  }
  assert.ok(changed > 500, `${changed} points gave way`);
});

test("what two metrics know exactly, of different records, stays as it is", () => {
  const point = (n: number) => ({ points: [{ value: n, low: n, high: n, exact: true }] });
  const answers = [point(5), point(3)] as unknown as Answer[];
  const asked = [{ metric: METRICS.users }, { metric: METRICS.events }];
  assert.deepEqual(heldTogether(asked, answers), answers);
});

test("groups and their total are held together, honestly", () => {
  for (let seed = 1; seed <= 1000; seed++) {
    const random = seededRandom(seed);
    const truth = truths(random);
    const of = (countries: readonly (typeof GROUPS)[number][]) =>
      [
        {
          points: countries.map((country) => {
            const { value, low, high, exact } = shown(random, truth.get(`users ${country}`) ?? 0);
            const [v, l, h] = [value, low, high].map((n) => decimalOf(n));
            return {
              group: `${country}`,
              exact,
              estimate: { value: v, low: l, high: h, confidence: 1 },
            };
          }),
        },
      ] as unknown as WindowPoints[];
    const groups = of(["DE", "FR"]);
    const totals = withGroups(of([undefined]), groups);
    const [under] = underTotal(groups, totals);
    const total = totals[0]?.points[0] as GroupPoint;
    const value = (p: GroupPoint): AnswerPoint => {
      const [v, l, h] = [p.estimate.value, p.estimate.low, p.estimate.high];
      return {
        value: Number(v?.units),
        low: Number(l?.units),
        high: Number(h?.units),
      } as AnswerPoint;
    };
    assert.ok(inside(value(total), truth.get("users undefined")), `seed ${seed}`);
    for (const p of under?.points ?? []) {
      assert.ok(inside(value(p), truth.get(`users ${p.group}`)), `seed ${seed}`);
      assert.ok(Number(value(p).value) <= Number(value(total).value), `seed ${seed}`);
    }
  }
});
