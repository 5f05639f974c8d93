// Kept states that were damaged or lost are found where they are read and made again from the archive, byte for
// byte: what is healed, sealed or merged from them is what a full run gives.
import assert from "node:assert/strict";
import { test } from "node:test";
import { below, catalogue, type Metric, seededRandom, TandemError } from "@tandem/shared-logic";
import { dayNamed, Stage } from "../stories/stage.ts";
import { assertFull } from "./full-run.ts";
import { Healer } from "./heal-stage.ts";

const DAY = "2026-03-02";
const WEEK = { from: DAY, until: "2026-03-09", grain: "week" };
const metrics = catalogue.filter((m) => ["events", "active_users", "sessions"].includes(m.name));

type Damage = (bytes: Uint8Array) => Uint8Array | undefined;
const random = seededRandom(11);
const DAMAGES: Readonly<Record<string, Damage>> = {
  flipped(bytes) {
    const damaged = bytes.slice();
    damaged[below(random, bytes.length)]! ^= 1 << below(random, 8);
    return damaged;
  },
  truncated: (bytes) => bytes.slice(0, below(random, bytes.length)),
  emptied: () => new Uint8Array(0),
  lost: () => undefined,
};

async function states(stage: Stage): Promise<Map<string, Uint8Array>> {
  const found = new Map<string, Uint8Array>();
  for await (const { key } of stage.ports.objects.list("states/"))
    found.set(key, (await stage.ports.objects.get(key)) as Uint8Array);
  return found;
}

async function damageAll(stage: Stage, damage: Damage): Promise<Map<string, Uint8Array>> {
  const whole = await states(stage);
  for (const [key, bytes] of whole) {
    await stage.ports.objects.remove(key);
    const damaged = damage(bytes);
    if (damaged) await stage.ports.objects.putIfAbsent(key, damaged);
  }
  return whole;
}

async function sealedDay(): Promise<[Stage, Healer]> {
  const stage = await Stage.at("2026-03-02T10:00:00Z", metrics);
  for (const id of ["a", "b", "c"])
    await stage.send({ id, at: "2026-03-02T09:58:00Z", user: id, type: "click" });
  await stage.until("2026-03-03T00:10:00Z");
  const healer = new Healer(stage, metrics);
  await healer.heal(DAY);
  await stage.send({ id: "d", at: "2026-03-02T10:12:00Z", user: "a", type: "click" });
  return [stage, healer];
}

async function assertAsFull(stage: Stage, healer: Healer, of: readonly Metric[]): Promise<void> {
  const { cut } = await stage.archiving(() => healer.batch.reachedCut());
  const { entries } = await stage.ledger(DAY);
  const runs = new Map(Object.entries(entries).map(([fp, { run }]) => [fp, run]));
  await assertFull(stage, cut, dayNamed(DAY), of, runs);
}

for (const [name, damage] of Object.entries(DAMAGES)) {
  test(`a state that is ${name} before a heal`, async () => {
    const [stage, healer] = await sealedDay();
    const whole = await damageAll(stage, damage);
    await healer.heal(DAY);
    await assertAsFull(stage, healer, metrics);
    const now = await states(stage);
    // What is lost is only missed where it is needed.
    if (name !== "lost")
      for (const [key, bytes] of whole) assert.deepEqual(now.get(key), bytes, key);
  });

  test(`a state that is ${name} between a plan and the next`, async () => {
    const [stage, healer] = await sealedDay();
    const first = await healer.plan(DAY);
    const whole = await damageAll(stage, damage);
    const again = await healer.plan(DAY);
    assert.equal(again.run, first.run);
    assert.equal((await healer.apply(again)).state, "applied");
    await assertAsFull(stage, healer, metrics);
    const now = await states(stage);
    for (const key of now.keys()) assert.deepEqual(now.get(key), whole.get(key), key);
  });

  test(`a state that is ${name} before its week is rebuilt`, async () => {
    const [stage, healer] = await sealedDay();
    const plan = await healer.plan(DAY);
    await healer.apply(plan);
    await damageAll(stage, damage);
    await stage.fold();
    // Sketches answer, never what is damaged.
    assert.equal((await stage.ask("active_users", WEEK)).points[0]?.value, 3);
    await healer.heals.rebuild([dayNamed(DAY)]);
    const point = (await stage.ask("active_users", WEEK)).points[0];
    assert.match(point?.run ?? "", /^week-/);
    assert.equal(point?.value, 3);
  });
}

test("a state whose archive objects are damaged too is not made up", async () => {
  const [stage, healer] = await sealedDay();
  await damageAll(stage, DAMAGES["flipped"] as Damage);
  for await (const { key } of stage.ports.objects.list("archive/")) {
    const bytes = (await stage.ports.objects.get(key)) as Uint8Array;
    await stage.ports.objects.remove(key);
    await stage.ports.objects.putIfAbsent(key, bytes.slice(1));
  }
  const before = await stage.ledger(DAY);
  await assert.rejects(
    healer.plan(DAY),
    (error) => error instanceof TandemError && error.code === "object_damaged",
  );
  assert.deepEqual(await stage.ledger(DAY), before);
});
