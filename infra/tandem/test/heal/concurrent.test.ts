// Eight people heal one day at once: of equal inputs one changes the pointer and the others are superseded by
// it; of different inputs each that is applied is applied once, and V never goes back.
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Applied, HealPlan } from "@tandem/batch-layer";
import { below, catalogue, dayKey, seededRandom, type ViewStore } from "@tandem/shared-logic";
import { DATASET, dayNamed, exactly, Stage, told } from "../stories/stage.ts";
import { Healer } from "./heal-stage.ts";

const DAY = "2026-03-02";
const metrics = catalogue.filter((m) => ["events", "active_users"].includes(m.name));

/** Calls take a random number of turns, so that people meet in every order. */
function slowed(views: ViewStore, seed: number): ViewStore {
  const random = seededRandom(seed);
  return new Proxy(views, {
    get(target, name) {
      const method: unknown = Reflect.get(target, name);
      if (typeof method !== "function") return method;
      // Yields rows and no promise.
      if (name === "scanRun") return method.bind(target);
      return async (...args: unknown[]): Promise<unknown> => {
        for (let n = below(random, 4); n > 0; n--) await new Promise((r) => setImmediate(r));
        return method.apply(target, args) as unknown;
      };
    },
  });
}

async function ready(): Promise<Stage> {
  const stage = await Stage.at("2026-03-03T00:10:00Z", metrics);
  await stage.send({ id: "a", at: `${DAY}T10:00:00Z` });
  await new Healer(stage, metrics).heal(DAY);
  return stage;
}

const version = async (stage: Stage): Promise<number> =>
  (await stage.ports.views.ledger(dayKey(DATASET, dayNamed(DAY))))?.version ?? 0;

test("equal inputs: one pointer change, seven are superseded by it", async () => {
  for (let seed = 1; seed <= 5; seed++) {
    const stage = await ready();
    await stage.send({ id: "late", at: `${DAY}T12:00:00Z`, user: "bob" });
    const before = await version(stage);
    const people = Array.from({ length: 8 }, (_, i) => {
      const views = slowed(stage.ports.views, seed * 100 + i);
      return { name: `p${i}`, healer: new Healer(stage, metrics, views) };
    });
    const plans: HealPlan[] = [];
    await stage.archiving(async () => {
      const all = people.map(({ healer }) => healer.heals.plan([dayNamed(DAY)]));
      plans.push(...(await Promise.all(all)).flat());
    });
    const applied = await Promise.all(
      people.map(({ name, healer }, i) => healer.apply(plans[i] as HealPlan, name)),
    );
    const done = applied.filter((a) => a.state === "applied");
    // Some may have cut anew and have another V: they are superseded all the same.
    assert.equal(done.length, 1, `seed ${seed}`);
    assert.equal((await version(stage)) - before, done.length, `seed ${seed}`);
    const runs = new Set(Object.values((await stage.ledger(DAY)).entries).map((e) => e.run));
    for (const a of applied as Applied[]) {
      if (a.state === "applied") continue;
      assert.ok(a.state === "superseded" && runs.has(a.by), `seed ${seed}: ${JSON.stringify(a)}`);
    }
    await stage.fold();
    assert.deepEqual(told(await stage.day("events", DAY)), exactly(2));
  }
});

test("different inputs: what was planned before another heal is superseded by it, and plans again", async () => {
  const stage = await ready();
  const healer = new Healer(stage, metrics);
  const plans: HealPlan[] = [];
  for (const id of ["b", "c", "d"]) {
    await stage.send({ id, at: `${DAY}T12:00:00Z` });
    plans.push(await healer.plan(DAY));
  }
  assert.equal(new Set(plans.map((p) => p.run)).size, 3);
  const before = await version(stage);
  const [first, second, third] = plans as [HealPlan, HealPlan, HealPlan];
  assert.equal((await healer.apply(second)).state, "applied");
  const seconds = new Set(Object.values(second.kept.runs).map((r) => r.run));
  for (const plan of [first, third, second]) {
    const a = await healer.apply(plan);
    assert.ok(a.state === "superseded" && seconds.has(a.by));
    assert.equal(a.already, plan === second);
  }
  assert.equal((await version(stage)) - before, 1);
  await healer.heal(DAY);
  assert.equal((await version(stage)) - before, 2);
  await stage.fold();
  assert.deepEqual(told(await stage.day("events", DAY)), exactly(4));
});
