// Workers that are killed, that lag, or that lack a metric's file.
import assert from "node:assert/strict";
import { test } from "node:test";
import { makeCut, rollback, unpin } from "@tandem/batch-layer";
import {
  catalogue,
  count,
  eventType,
  type Metric,
  metric,
  TandemError,
} from "@tandem/shared-logic";
import { DATASET, dayNamed, exactly, Stage, told } from "./stage.ts";

const events = catalogue.filter((m) => m.name === "events");
const DAY = "2026-03-02";

const clicks: Metric = metric({
  name: "clicks",
  title: "Clicks",
  unit: "events",
  version: 1,
  where: eventType("click"),
  reducer: count(),
  examples: [],
});

test("killed between flush and checkpoint, then resealed, rolled back and let go again", async () => {
  const stage = await Stage.at("2026-03-02T10:00:00Z", events);
  const [fp = clicks.fingerprint] = events.map((m) => m.fingerprint);
  await stage.send({ id: "a", at: "2026-03-02T09:58:00Z" });
  await stage.fold();
  await stage.worker.checkpoint();
  await stage.send({ id: "b", at: "2026-03-02T09:59:00Z" });
  await stage.fold();
  assert.equal((await stage.day("events", DAY)).points[0]?.value, 2);

  await stage.restart();
  assert.equal(stage.worker.current?.offset, 1, "the checkpoint knows one event");
  assert.equal((await stage.day("events", DAY)).points[0]?.value, 2, "before it folds again");
  await stage.fold();
  assert.equal((await stage.day("events", DAY)).points[0]?.value, 2, "and after");

  await stage.until("2026-03-03T00:10:00Z");
  const [first] = (await stage.seal()).sealed;
  await stage.send({ id: "late", at: "2026-03-02T23:59:00Z" });
  await stage.fold();
  const [second] = (await stage.seal()).sealed;
  await stage.fold();
  assert.notEqual(first?.run, second?.run);
  assert.deepEqual(told(await stage.day("events", DAY)), exactly(3));

  // Rolled back: the older run, and speed from its V on. The total stays right, and says why it is mixed.
  const back = await rollback(stage.ports.views, DATASET, dayNamed(DAY), fp);
  assert.equal(back?.run, first?.run);
  assert.deepEqual(
    told(await stage.day("events", DAY)),
    exactly(3, { layer: "both", late_pending: 1, degraded: [`pinned:${DAY}`] }),
  );
  assert.equal((await stage.seal()).planned, 0, "nothing is published to a pinned day");

  assert.equal(await unpin(stage.ports.views, DATASET, dayNamed(DAY), fp), true);
  assert.equal((await stage.seal()).planned, 1);
  await stage.fold();
  assert.deepEqual(told(await stage.day("events", DAY)), exactly(3));
});

test("a run is published while the worker is behind: the lag is named and nothing is lost", async () => {
  const stage = await Stage.at("2026-03-02T10:00:00Z", events);
  await stage.send({ id: "a", at: "2026-03-02T09:58:00Z" });
  await stage.fold();
  await stage.send({ id: "b", at: "2026-03-02T09:59:00Z" });
  await stage.until("2026-03-03T00:10:00Z");
  await stage.seal();
  await stage.send({ id: "c", at: "2026-03-02T09:59:30Z" });
  assert.deepEqual(
    told(await stage.day("events", DAY)),
    exactly(2, { exact: false, degraded: ["lag"] }),
  );
  await stage.fold();
  assert.deepEqual(
    told(await stage.day("events", DAY)),
    exactly(3, { layer: "both", late_pending: 1 }),
  );
});

test("a metric's file is removed: the worker stops and names it; retired, it goes on", async () => {
  const stage = await Stage.at("2026-03-02T10:00:00Z", [...events, clicks]);
  await stage.send({ id: "a", at: "2026-03-02T09:58:00Z", type: "click" });
  await stage.fold();
  await stage.worker.checkpoint();

  const missing = (error: unknown): boolean =>
    error instanceof TandemError &&
    error.code === "metric_missing" &&
    error.message.includes("clicks@1");
  await assert.rejects(stage.restart(events), missing);
  await stage.send({ id: "b", at: "2026-03-02T09:59:00Z", type: "click" });
  assert.equal((await stage.day("events", DAY)).points[0]?.value, 1, "readers see what was folded");

  await makeCut(stage.ports, DATASET, { retires: [clicks.fingerprint] });
  await stage.restart(events);
  await stage.fold();
  assert.equal((await stage.day("events", DAY)).points[0]?.value, 2);
});

test("a metric is added while everything runs: one cut activates and backfills it, today included", async () => {
  const stage = await Stage.at("2026-03-02T10:00:00Z", events);
  await stage.send({ id: "a", at: "2026-03-02T09:58:00Z", type: "click" });
  await stage.until("2026-03-03T08:00:00Z");
  await stage.send({ id: "b", at: "2026-03-03T07:59:00Z", type: "click" });
  await stage.fold();
  await stage.worker.checkpoint();

  await stage.restart([...events, clicks]);
  const before = await stage.day("clicks", "2026-03-03");
  assert.deepEqual(before.points, []);
  assert.match(before.missing[0]?.why ?? "", /not folded yet/);
  const outcome = await stage.seal({ includeOpen: true });
  assert.equal(outcome.cut.seq, 1);
  await stage.send({ id: "c", at: "2026-03-03T08:00:00Z", type: "click" });
  await stage.fold();
  assert.deepEqual(told(await stage.day("clicks", "2026-03-02")), exactly(1));
  const today = await stage.day("clicks", "2026-03-03");
  assert.equal(today.points[0]?.value, 2);
  assert.equal(today.points[0]?.layer, "both");
  assert.equal(today.points[0]?.exact, true);
});
