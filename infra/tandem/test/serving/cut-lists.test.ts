// A group that one window names and another one cut away is nowhere a zero that is not one: what batch keeps of a
// window's groups is cut at the limit, what speed shows of a list at its length, and what neither names lies in an
// interval. Held against runs without a limit over the same log, in both layers and at all horizons.
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  type AnswerPoint,
  below,
  count,
  distinct,
  type Metric,
  metric,
  sessions as ofSessions,
  perUser,
  SURE,
  SUSPECTED,
  seededRandom,
  text,
  topK,
  UNCHECKED,
  type UtcDay,
  user,
} from "@tandem/shared-logic";
import { at, DAY, World } from "./serving-fixture.ts";

const of = (name: string, reducer: Metric["reducer"], limit?: number): Metric =>
  metric({
    ...{ name, reducer, title: "t", unit: "u", version: 1, examples: [], by: [["event_type"]] },
    ...(limit === undefined ? {} : { limit }),
  });
/** The same metrics, cut and whole. */
const listed = (k: number, limit?: number) => [
  of("top", topK(text("event_type"), { k })),
  of("sessions", perUser(ofSessions()), limit),
  of("events", count(), limit),
  of("users", distinct(user()), limit),
];
const NOW = at("2019-10-12T00:00:00Z");
const RANGE = { from: "2019-10-01", until: "2019-10-04" };
const DOUBTS = [SUSPECTED, UNCHECKED] as const;
const TYPES = ["a", "b", "c", "d"];
const dayAt = (i: number): UtcDay => (DAY + i) as UtcDay;

type Of = (p: AnswerPoint) => string;
const shown: Of = (p) => `${p.from} ${String(p.by?.["event_type"])}`;
const seen = ({ value, low, high, exact }: AnswerPoint) => ({ value, low, high, exact });

function append(worlds: readonly World[], seed: number, events: number): void {
  const random = seededRandom(seed);
  for (let i = 0; i < events; i++) {
    const day = below(random, 3);
    // Some types are not there on some days, and no two days have the same first.
    const type = TYPES[(below(random, 2) * below(random, 3) + day) % (day === 2 ? 2 : 4)] ?? "";
    const timestamp = new Date(
      at("2019-10-01T00:00:00Z") + (day * 24 + below(random, 4)) * 3_600_000 + i,
    ).toISOString();
    const user_id = `u${below(random, 5)}`;
    const doubt = DOUBTS[below(random, 30)] ?? SURE;
    for (const w of worlds)
      w.append({ timestamp, event_type: type, user_id }, { partition: i % 2, doubt });
  }
}

test("what a window cut away is no exact zero, in both layers and at all horizons", async () => {
  const [wrong, kinds] = [new Set<string>(), new Set<string>()];
  for (let seed = 1; seed <= 2; seed++)
    for (let sealed = 0; sealed <= 3; sealed++) {
      const w = await World.create(listed(1 + (seed % 2), 1 + (seed % 2)), { now: NOW });
      const whole = await World.create(listed(100), { now: NOW });
      append([w, whole], 10 * seed + sealed, 40);
      const v = w.cut();
      for (const m of w.metrics) for (let i = 0; i < sealed; i++) await w.publish(m, dayAt(i), v);
      append([w, whole], 1000 + 10 * seed + sealed, (seed % 2) * 4);
      await w.flushAll();
      const all = whole.cut();
      for (const m of whole.metrics)
        for (let i = 0; i < 3; i++) await whole.publish(m, dayAt(i), all);
      await whole.flushAll();
      for (const { name } of w.metrics)
        for (const grain of ["hour", "day", "total"]) {
          const asked = { ...RANGE, grain };
          const { points } = await whole.ask(name, { ...asked, by: "event_type" });
          assert.ok(points.every((p) => p.exact));
          const truth = new Map(points.map((p) => [shown(p), Number(p.value ?? 0)]));
          for (const layer of [{}, { layer: "speed" }]) {
            const held = (p: AnswerPoint, at: string): void => {
              const [real, what] = [truth.get(at) ?? 0, JSON.stringify(seen(p))];
              const inside = Number(p.low) <= real && real <= Number(p.high);
              if (!inside || (p.exact && p.value !== real))
                wrong.add(
                  `seed ${seed}, ${sealed} sealed, ${name} by ${grain}: ${real} is ${what}`,
                );
              kinds.add(`${p.layer} ${p.exact ? "exact" : "bounded"}${p.value === 0 ? " 0" : ""}`);
            };
            const grouped = await w.ask(name, { ...asked, ...layer, by: "event_type" });
            for (const p of grouped.points)
              if (p.by?.["event_type"] !== "(other)") held(p, shown(p));
            for (const type of grain === "day" ? TYPES : []) {
              const alone = await w.ask(name, { ...asked, ...layer, where: `event_type:${type}` });
              for (const p of alone.points) held(p, `${p.from} ${type}`);
            }
          }
        }
    }
  assert.deepEqual([...wrong].slice(0, 10), []);
  for (const kind of ["batch exact", "batch exact 0", "batch bounded 0", "both bounded 0"])
    assert.ok(kinds.has(kind), `${kind} is not among ${[...kinds].join(", ")}`);
});

test("a value that a list cuts away where doubt counts may have what is doubtful of it", async () => {
  const [top] = listed(1) as [Metric];
  const w = await World.create([top], { now: NOW });
  const append = (event_type: string, sure: number, doubtful: number): void => {
    for (let i = 0; i < sure + doubtful; i++)
      w.append(
        { timestamp: "2019-10-01T10:00:00Z", event_type },
        { doubt: i < sure ? SURE : SUSPECTED },
      );
  };
  append("first", 5, 1);
  append("second", 4, 3);
  await w.flushAll();
  const { points } = await w.ask(top, { ...RANGE, grain: "total", by: "event_type" });
  for (const [type, most] of [
    ["first", 6],
    ["second", 7],
  ] as const) {
    const p = points.find((point) => point.by?.["event_type"] === type);
    assert.ok(p && !p.exact && Number(p.high) >= most, JSON.stringify(p));
  }
});
