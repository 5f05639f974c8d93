// Retention over the life of a dataset: what goes and when, that answers stay as they were, and that what is gone says
// so: as of a moment, at a grain, of a new metric, to a rollback, to fsck.
import assert from "node:assert/strict";
import { test } from "node:test";
import { QueryEngine } from "@tandem/serving";
import { count, HOUR_MS, metric, TandemError } from "@tandem/shared-logic";
import { fsck } from "../fsck/fsck-stage.ts";
import { Healer } from "../heal/heal-stage.ts";
import { changed } from "../seam/port-wrappers.ts";
import { DATASET, dayNamed, type Stage, TENANT } from "../stories/stage.ts";
import {
  counted,
  DAYS,
  later,
  METRICS,
  retentionOf,
  sealedStage,
  shown,
} from "./retention-stage.ts";

const [DAY = ""] = DAYS;

async function archiveKeys(stage: Stage): Promise<{ hot: number; cold: number }> {
  const n = { hot: 0, cold: 0 };
  for await (const _ of stage.ports.objects.list("archive/")) n.hot++;
  for await (const _ of stage.ports.objects.list("cold/")) n.cold++;
  return n;
}

test("over a year, answers stay as they were and each thing goes in its time", async () => {
  const stage = await sealedStage();
  const before = await shown(stage, DAYS);
  const hours = await shown(stage, DAYS, { grain: "hour" });
  const retention = retentionOf(stage);
  const pass = async (): Promise<Record<string, number>> => {
    const { done, passed } = await retention.apply();
    assert.deepEqual(passed, []);
    assert.deepEqual((await retention.plan()).actions, []);
    assert.deepEqual(await shown(stage, DAYS), before);
    assert.deepEqual(await shown(stage, DAYS, { grain: "hour" }), hours);
    assert.deepEqual((await fsck(stage)).left, []);
    return counted(done);
  };
  const { hot } = await archiveKeys(stage);
  assert.deepEqual(await pass(), { drop_speed: 3 });
  await later(stage, 3);
  assert.deepEqual(await pass(), { drop_speed: 6 });
  await later(stage, 89);
  assert.deepEqual(await pass(), { roll_up: 6, move_object: hot });
  assert.deepEqual(await archiveKeys(stage), { hot: 0, cold: hot });
  await later(stage, 8);
  assert.deepEqual(await pass(), { retire_run: 6 });
  await stage.clock.advance(HOUR_MS);
  assert.deepEqual(await pass(), { drop_run: 6 });
  assert.equal((await stage.seal()).planned, 0);
  await later(stage, 270);
  const dropped = await pass();
  assert.ok((dropped["drop_object"] ?? 0) >= hot, JSON.stringify(dropped));
  const report = await fsck(stage);
  assert.ok(report.findings.every((f) => f.kind === "range_expired") && report.findings.length > 0);
  assert.equal((await stage.seal()).planned, 0);
  assert.deepEqual(await shown(stage, DAYS), before);
});

test("a day that was rolled up answers by the hour, and says so where minutes are asked for", async () => {
  const stage = await sealedStage();
  await later(stage, 100);
  await retentionOf(stage).apply();
  const engine = new QueryEngine({ ...stage.ports, metrics: METRICS, dataset: DATASET });
  const range = { from: DAY, until: "2026-03-03" };
  const minutes = await engine.query({ ...range, grain: "minute" }, "seen", TENANT);
  assert.ok(!minutes.ok);
  assert.deepEqual(
    [minutes.problem.code, minutes.problem.parameter, minutes.problem.would_work[0]],
    ["bad_query", "grain", "grain=hour"],
  );
  const zone = await engine.query({ ...range, grain: "day", tz: "Asia/Kolkata" }, "seen", TENANT);
  assert.ok(!zone.ok && zone.problem.parameter !== "grain");
  const half = { from: `${DAY}T10:30:00Z`, until: `${DAY}T12:00:00Z`, grain: "total" };
  const within = await engine.query(half, "seen", TENANT);
  assert.ok(!within.ok && within.problem.parameter === "from");
  // What is exact by the hour anyhow is asked for as before.
  assert.ok((await engine.query({ ...range, grain: "hour" }, "people", TENANT)).ok);
  // The run of minutes is there for some days more: as of then, and to go back to.
  const then = { ...range, grain: "minute", asOf: "2026-03-06T00:00:00Z" };
  assert.ok((await engine.query(then, "seen", TENANT)).ok);
  await later(stage, 8);
  await retentionOf(stage).apply();
  const gone = await engine.query(then, "seen", TENANT);
  assert.ok(gone.ok);
  assert.deepEqual([gone.answer.points, gone.answer.degraded], [[], [`run_not_kept:${DAY}`]]);
});

test("late records: a heal of a rolled-up day, and none of a day whose archive is gone", async () => {
  const stage = await sealedStage();
  await later(stage, 100);
  await retentionOf(stage).apply();
  const healer = new Healer(stage, METRICS);
  const value = async () => (await stage.day("seen", DAY)).points[0];
  const was = Number((await value())?.value);
  await stage.send({ id: "late", at: `${DAY}T10:30:00Z` });
  await stage.fold();
  assert.equal((await value())?.value, was + 1);
  const plan = await healer.heal(DAY);
  assert.deepEqual(
    plan.metrics.map((m) => m.why),
    ["late", "late", "late"],
  );
  await stage.fold();
  assert.deepEqual([(await value())?.value, (await value())?.exact], [was + 1, true]);
  // The healed day has minutes again and is rolled up again.
  assert.equal(counted((await retentionOf(stage).apply()).done)["roll_up"], 2);
  assert.equal((await value())?.value, was + 1);
  await later(stage, 400);
  await retentionOf(stage).apply();
  await stage.send({ id: "later", at: `${DAY}T10:40:00Z` });
  await stage.fold();
  assert.deepEqual((await healer.heal(DAY)).metrics, []);
  const answer = await stage.day("seen", DAY);
  assert.deepEqual([answer.points[0]?.value, answer.late_pending], [was + 2, 1]);
  // Its records stay in the archive, and its speed rows in the views.
  assert.deepEqual((await retentionOf(stage).plan()).actions, []);
  assert.equal((await stage.day("seen", DAY)).points[0]?.value, was + 2);
});

test("a rollback is refused where the run is gone, and a new metric says what it could not read", async () => {
  const stage = await sealedStage();
  const healer = new Healer(stage, METRICS);
  await stage.send({ id: "late", at: `${DAY}T10:30:00Z` });
  await healer.heal(DAY);
  await stage.fold();
  const [fp] = METRICS.map((m) => m.fingerprint);
  assert.ok(fp);
  const runs = (await stage.ledger(DAY)).selectable[fp]?.map((r) => r.run) ?? [];
  assert.equal(runs.length, 2);
  await later(stage, 6);
  await retentionOf(stage).apply();
  assert.equal((await stage.ledger(DAY)).selectable[fp]?.length, 2);
  // The older run lies below what is shown: speed rows above it are there still.
  await healer.heals.rollback(dayNamed(DAY), { by: "eva" });
  assert.equal((await stage.day("seen", DAY)).points[0]?.value, 13);
  await healer.heals.unpin(dayNamed(DAY), { by: "eva" });
  await healer.heal(DAY);
  await later(stage, 8);
  await retentionOf(stage).apply();
  await stage.clock.advance(HOUR_MS);
  await retentionOf(stage).apply();
  const entry = (await stage.ledger(DAY)).entries[fp];
  assert.deepEqual(
    (await stage.ledger(DAY)).selectable[fp]?.map((r) => r.run),
    [entry?.run],
  );
  assert.equal((await stage.ports.views.readBack(runs[0] ?? "")).count, 0);
  assert.deepEqual(await healer.heals.rollback(dayNamed(DAY), { by: "eva" }), []);

  await later(stage, 400);
  await retentionOf(stage).apply();
  const shape = { unit: "things", version: 1, examples: [] };
  const fresh = metric({ ...shape, name: "fresh", title: "Fresh", reducer: count() });
  await stage.restart([...METRICS, fresh]);
  await stage.send({ id: "today", at: "2027-05-01T00:00:00Z" });
  await stage.fold();
  await stage.seal();
  await stage.fold();
  const answer = await stage.day("fresh", DAY);
  assert.deepEqual([answer.points, answer.missing.length], [[], 1]);
  assert.equal((await stage.day("seen", DAY)).points[0]?.value, 13);
});

test("what a shadow run was planned for goes, and cannot be applied any more", async () => {
  const stage = await sealedStage();
  const healer = new Healer(stage, METRICS);
  await stage.send({ id: "late", at: `${DAY}T10:30:00Z` });
  const plan = await healer.plan(DAY);
  const shadow = Object.values(plan.kept.runs).map((r) => r.run);
  await retentionOf(stage).apply();
  await later(stage, 8);
  const { done } = await retentionOf(stage).apply();
  assert.deepEqual([counted(done)["retire_run"], counted(done)["drop_plan"]], [shadow.length, 1]);
  await assert.rejects(healer.apply(plan), RangeError);
  // Planned again it is the same run, but not while its rows go: killed there, the next pass ends it.
  const again = await healer.plan(DAY);
  await stage.clock.advance(HOUR_MS);
  const dies = changed(stage.ports.views, { removeRun: () => Promise.reject(new RangeError()) });
  await assert.rejects(retentionOf(stage, {}, { views: dies }).apply(), RangeError);
  const waits = (e: unknown): boolean => e instanceof TandemError && e.retryable;
  await assert.rejects(healer.apply(again), waits);
  await retentionOf(stage).apply();
  for (const run of shadow) assert.equal((await stage.ports.views.readBack(run)).count, 0);
  const third = await healer.plan(DAY);
  assert.equal((await healer.apply(third)).state, "applied");
  await stage.fold();
  assert.equal((await stage.day("seen", DAY)).points[0]?.value, 13);
});

test("what a pinned day or a metric without its runs would read stays, whatever its age", async () => {
  const stage = await sealedStage();
  const healer = new Healer(stage, METRICS);
  await stage.send({ id: "late", at: `${DAY}T10:30:00Z` });
  await healer.heal(DAY);
  await healer.heals.rollback(dayNamed(DAY), { by: "eva" });
  await stage.fold();
  await later(stage, 400);
  const before = await shown(stage, DAYS);
  // Of the other days only.
  assert.ok((counted((await retentionOf(stage).apply()).done)["drop_object"] ?? 0) > 0);
  assert.deepEqual(await shown(stage, DAYS), before);
  const { manifest } = await stage.batch.archive();
  const own = manifest[0]?.filter((e) => (e.days[dayNamed(DAY)] ?? 0) > 0) ?? [];
  assert.equal(
    own.reduce((n, e) => n + e.events, 0),
    13,
  );
  await healer.heals.unpin(dayNamed(DAY), { by: "eva" });
  await healer.heal(DAY);
  await stage.fold();
  assert.equal((await stage.day("seen", DAY)).points[0]?.value, 13);

  const other = await sealedStage();
  const shape = { unit: "things", version: 1, examples: [] };
  const fresh = metric({ ...shape, name: "fresh", title: "Fresh", reducer: count() });
  await later(other, 400);
  const waiting = retentionOf(other, {}, {}, [...METRICS, fresh]);
  const goes = new Set((await waiting.plan()).actions.map((a) => ("object" in a ? a.object : "")));
  const held = (await other.batch.archive()).manifest[0]?.filter((e) => goes.has(e.object)) ?? [];
  assert.ok(
    held.every((e) => e.events === 0),
    "cuts alone may go",
  );
  // Active in the log, but its file is not here: nobody can tell what it needs.
  await other.restart([...METRICS, fresh]);
  await other.seal({ until: dayNamed(DAY) });
  const blind = counted((await retentionOf(other, {}, {}, METRICS).plan()).actions);
  assert.deepEqual(
    [blind["drop_object"], blind["move_object"], blind["drop_speed"]],
    [undefined, undefined, undefined],
  );
});
