// Heals taken back: at once, without computing, pinned until unpinned, told in the ledger; and refused where the
// older run's speed rows are gone.
import assert from "node:assert/strict";
import { test } from "node:test";
import { applyHeal, readPlan } from "@tandem/batch-layer";
import { catalogue, type Metric, TandemError } from "@tandem/shared-logic";
import { DATASET, dayNamed, exactly, instant, Stage, told } from "../stories/stage.ts";
import { Healer } from "./heal-stage.ts";

const DAY = "2026-03-02";
const named = (...names: string[]): Metric[] => catalogue.filter((m) => names.includes(m.name));

async function sealedDay(metrics: readonly Metric[]): Promise<[Stage, Healer]> {
  const stage = await Stage.at("2026-03-02T10:00:00Z", metrics);
  await stage.send({ id: "a", at: "2026-03-02T09:58:00Z" });
  await stage.until("2026-03-03T00:10:00Z");
  const healer = new Healer(stage, metrics);
  await healer.heal(DAY);
  await stage.fold();
  return [stage, healer];
}

test("three stacked heals go back one by one, in no time and without computing", async () => {
  const [stage, healer] = await sealedDay(catalogue);
  const first = (await stage.ledger(DAY)).entries;
  for (const id of ["b", "c", "d"]) {
    await stage.send({ id, at: "2026-03-02T12:00:00Z", user: id });
    await healer.heal(DAY);
    await stage.fold();
  }
  assert.deepEqual(told(await stage.day("events", DAY)), exactly(4));
  assert.deepEqual(told(await stage.day("active_users", DAY)), exactly(4));
  const before = healer.tasks;
  const cpu = process.cpuUsage();
  for (const value of [3, 2, 1]) {
    const moves = await healer.heals.rollback(dayNamed(DAY), { by: "eva" });
    assert.equal(moves.length, catalogue.length);
    const answer = await stage.day("events", DAY, { layer: "batch" });
    assert.equal(answer.points[0]?.value, value);
  }
  const { user, system } = process.cpuUsage(cpu);
  assert.ok(user + system < 1e6, `${(user + system) / 1000} ms`);
  assert.equal(healer.tasks, before);
  const row = await stage.ledger(DAY);
  for (const [fp, entry] of Object.entries(first))
    assert.equal(row.entries[fp as keyof typeof row.entries]?.run, entry.run);
  assert.deepEqual(await healer.heals.rollback(dayNamed(DAY), { by: "eva" }), []);

  // Speed answers from the older V on: nothing is lost, and the answer says why it is mixed.
  const shown = told(await stage.day("events", DAY));
  const mixed = { layer: "both", late_pending: 3, degraded: [`pinned:${DAY}`] };
  assert.deepEqual(shown, exactly(4, mixed));

  // Pinned: nothing is applied until it is unpinned; then the runs that are kept are found again.
  const plan = await healer.plan(DAY);
  assert.equal(plan.pinned, true);
  assert.equal((await healer.apply(plan)).state, "pinned");
  assert.equal((await stage.seal()).planned, 0);
  assert.equal(await healer.heals.unpin(dayNamed(DAY), { by: "eva" }), true);
  assert.equal((await healer.apply(plan)).state, "applied");
  await stage.fold();
  assert.deepEqual(told(await stage.day("events", DAY)), exactly(4));

  const flips = (await stage.ledger(DAY)).flips ?? [];
  assert.deepEqual(
    flips.map((f) => `${f.by} ${f.did}`),
    [
      ...["ann heal", "ann heal", "ann heal", "ann heal"],
      ...["eva rollback", "eva rollback", "eva rollback", "eva unpin", "ann heal"],
    ],
  );
  assert.ok(flips.every((f) => f.at >= instant("2026-03-03T00:10:00Z")));
});

test("a rollback takes back the last heal alone, not what other metrics got before", async () => {
  const metrics = named("events", "sessions");
  const stage = await Stage.at("2026-03-03T10:00:00Z", metrics);
  await stage.send({ id: "a", at: "2026-03-03T00:05:00Z" });
  await stage.until("2026-03-04T00:10:00Z");
  const healer = new Healer(stage, metrics);
  await healer.heal("2026-03-03");
  await stage.send({ id: "b", at: "2026-03-03T12:00:00Z" });
  await healer.heal("2026-03-03");
  // Reaches into the next day's sessions, and into nothing else of it.
  await stage.send({ id: "c", at: "2026-03-02T23:50:00Z" });
  const plan = await healer.heal("2026-03-03");
  assert.deepEqual(
    plan.metrics.map((m) => m.metric),
    ["sessions"],
  );
  const before = (await stage.ledger("2026-03-03")).entries;
  const moves = await healer.heals.rollback(dayNamed("2026-03-03"), { by: "eva" });
  assert.deepEqual(
    moves.map((m) => m.metric.name),
    ["sessions"],
  );
  const after = (await stage.ledger("2026-03-03")).entries;
  const [events] = named("events").map((m) => m.fingerprint);
  assert.ok(events);
  assert.equal(after[events]?.run, before[events]?.run);
  assert.equal(after[events]?.pinned, true);
});

test("going back to a run whose speed rows are gone is refused", async () => {
  const metrics = named("events");
  const [stage, healer] = await sealedDay(metrics);
  await stage.send({ id: "b", at: "2026-03-02T12:00:00Z" });
  await healer.heal(DAY);
  await stage.fold();
  const [fp] = metrics.map((m) => m.fingerprint);
  const row = await stage.ledger(DAY);
  assert.ok(fp);
  // Somebody dropped what lies between the two runs.
  await stage.ports.views.dropSpeed(DATASET, fp, dayNamed(DAY), row.entries[fp]?.v ?? []);
  const refused = (error: unknown): boolean =>
    error instanceof TandemError && error.code === "rollback_refused";
  await assert.rejects(healer.heals.rollback(dayNamed(DAY), { by: "eva" }), refused);
  assert.deepEqual(await stage.ledger(DAY), row);
});

test("weeks and months do not count from the flip on, and are rebuilt after it", async () => {
  const metrics = named("active_users");
  const [stage, healer] = await sealedDay(metrics);
  const week = { from: "2026-03-02", until: "2026-03-09", grain: "week" };
  const before = (await stage.ask("active_users", week)).points[0];
  assert.match(before?.run ?? "", /^week-/);
  await stage.send({ id: "b", at: "2026-03-02T12:00:00Z", user: "bob" });
  const plan = await healer.plan(DAY);
  assert.deepEqual(plan.stale, ["week 2026-03-02", "month 2026-03-01"]);
  await stage.fold();
  const kept = await readPlan(stage.ports, DATASET, plan.run ?? "");
  assert.ok(kept);
  const views = stage.ports.views;
  assert.equal(
    (await applyHeal(views, kept, { by: "ann", at: stage.clock.now() })).state,
    "applied",
  );
  const between = (await stage.ask("active_users", week)).points[0];
  assert.equal(between?.value, 2);
  assert.notEqual(between?.run, before?.run);
  assert.doesNotMatch(between?.run ?? "", /^week-/);
  await stage.seal();
  const after = (await stage.ask("active_users", week)).points[0];
  assert.equal(after?.value, 2);
  assert.match(after?.run ?? "", /^week-/);
  assert.notEqual(after?.run, before?.run);
});
