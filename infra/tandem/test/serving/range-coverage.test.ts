// A range of sampled users that is raised to its days stays honest: what it says of users who come back every day, who
// come once, and of a day that outweighs the others holds the truth as often as it claims to.
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  below,
  eventType,
  funnel,
  type Metric,
  metric,
  newUsers,
  sessions as ofSessions,
  type PerUserShape,
  perUser,
  type Random,
  retention,
  seededRandom,
} from "@tandem/shared-logic";
import { at, World } from "./serving-fixture.ts";

const TYPES = ["view", "cart"];
const steps = TYPES.map((type) => eventType(type));
const of = (name: string, shape: PerUserShape<never>, by: string, sample: number): Metric =>
  metric({
    ...{ name, title: "t", unit: "u", version: 1, examples: [], by: [[by]] },
    reducer: perUser(shape, { sample }),
  });
const SHAPES = {
  sessions: [ofSessions(), "event_type"],
  funnel: [funnel({ steps }), "step"],
  newcomers: [newUsers({ lookbackDays: 1 }), "event_type"],
  retained: [retention({ on: [1], value: "users", lookbackDays: 1 }), "return"],
} as unknown as Record<string, [PerUserShape<never>, string]>;
const RANGE = { from: "2019-10-01", until: "2019-10-05" };
const WORLDS = 10;

/** Who comes on a day: the same all days, others every day, or nearly all on one day. */
const CROWDS: readonly ((random: Random, day: number) => string | undefined)[] = [
  (random) => `u${below(random, 30)}`,
  (random, day) => `u${day}-${below(random, 30)}`,
  (random, day) => (day === 1 || below(random, 20) === 0 ? `u${below(random, 60)}` : undefined),
];

test("a range that is raised to its days holds the truth as often as it claims", async (t) => {
  let asked = 0;
  const missed: string[] = [];
  for (let seed = 1; seed <= WORLDS; seed++) {
    const random = seededRandom(seed);
    const sample = seed % 3 === 1 ? 16 : 4;
    const metrics = Object.entries(SHAPES).flatMap(([name, [shape, by]]) => [
      of(name, shape, by, sample),
      of(`${name}_all`, shape, by, 4096),
    ]);
    const w = await World.create(metrics, { now: at("2019-10-12T00:00:00Z") });
    const crowd = CROWDS[below(random, 3)] ?? (() => undefined);
    for (let i = 0; i < 250; i++) {
      const day = below(random, 4);
      const user_id = crowd(random, day);
      if (user_id === undefined) continue;
      const ms = at("2019-10-01T00:00:00Z") + day * 86_400_000 + below(random, 86_400_000);
      const event_type = TYPES[below(random, 2)] ?? "";
      w.append({
        timestamp: new Date(ms).toISOString(),
        user_id: `${seed} ${user_id}`,
        event_type,
      });
    }
    await w.flushAll();
    for (const [name, [, by]] of Object.entries(SHAPES)) {
      const total = { ...RANGE, grain: "total", by };
      const truth = await w.ask(`${name}_all`, total);
      const range = await w.ask(name, total);
      for (const { by: group, value } of truth.points) {
        const p = range.points.find((q) => JSON.stringify(q.by) === JSON.stringify(group));
        // A group of whom nobody was sampled is not named.
        if (!p) continue;
        asked++;
        if (Number(p.low) > Number(value) || Number(value) > Number(p.high))
          missed.push(`seed ${seed}: ${name} is ${value}, not ${JSON.stringify(p)}`);
      }
    }
  }
  t.diagnostic(`${missed.length} of ${asked} missed`);
  assert.ok(asked > 70 && missed.length <= asked / 100, missed.join("\n"));
});
