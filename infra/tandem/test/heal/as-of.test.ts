// What was shown then: kept runs answer as of a run or a moment, and say so where one is gone; and what a number
// is made of can be told.
import assert from "node:assert/strict";
import { test } from "node:test";
import { explainDay, retire } from "@tandem/batch-layer";
import { QueryEngine, type QueryResult } from "@tandem/serving";
import {
  catalogue,
  type EpochMs,
  formatInstant,
  MINUTE_MS,
  type UtcDay,
} from "@tandem/shared-logic";
import { DATASET, dayNamed, exactly, Stage, TENANT, told } from "../stories/stage.ts";
import { Healer } from "./heal-stage.ts";

const DAY = "2026-03-02";
const metrics = catalogue.filter((m) => ["events", "sessions"].includes(m.name));
const [metric] = metrics.filter((m) => m.name === "events");

/** The day's run with one event, heals to two and three, a rollback to two; an hour apart. */
async function history() {
  const stage = await Stage.at("2026-03-03T00:10:00Z", metrics);
  const healer = new Healer(stage, metrics);
  assert.ok(metric);
  const runs: string[] = [];
  const times: string[] = [];
  const note = async (): Promise<void> => {
    runs.push((await stage.ledger(DAY)).entries[metric.fingerprint]?.run ?? "");
    times.push(formatInstant((stage.clock.now() + MINUTE_MS) as EpochMs));
    await stage.clock.advance(60 * MINUTE_MS);
  };
  for (const id of ["a", "b", "c"]) {
    await stage.send({ id, at: `${DAY}T10:00:00Z` });
    await healer.heal(DAY);
    await note();
  }
  await healer.heals.rollback(dayNamed(DAY), { by: "eva" });
  await note();
  await stage.fold();
  const engine = new QueryEngine({ ...stage.ports, metrics, dataset: DATASET });
  const query = (params: Record<string, string>, name = "events"): Promise<QueryResult> =>
    engine.query({ from: DAY, until: "2026-03-03", grain: "day", ...params }, name, TENANT);
  return { stage, metric, runs, times, query };
}

test("as of a moment and as of a run", async () => {
  const { stage, metric, runs, times, query } = await history();
  for (const [i, value] of [1, 2, 3, 2].entries()) {
    const then = await stage.day("events", DAY, { asOf: times[i] ?? "" });
    const pinned = i === 3 ? { degraded: [`pinned:${DAY}`] } : {};
    assert.deepEqual(told(then), exactly(value, pinned));
    assert.deepEqual([then.as_of, then.points[0]?.run], [times[i], runs[i]]);
  }
  for (const [i, value] of [1, 2, 3].entries()) {
    const of = await stage.day("events", DAY, { asOf: runs[i] ?? "" });
    assert.deepEqual(told(of), exactly(value));
    assert.equal(of.points[0]?.run, runs[i]);
  }
  // By the hour, as a state below one V.
  const hours = await stage.ask("sessions", {
    from: DAY,
    until: "2026-03-03",
    grain: "hour",
    asOf: times[2] ?? "",
  });
  assert.equal(hours.points.find((p) => p.from.includes("T10"))?.value, 1);
  const early = await stage.day("events", DAY, { asOf: "2026-03-03T00:00:00Z" });
  assert.deepEqual([early.points, early.missing.length], [[], 1]);

  assert.equal(
    await retire(stage.ports.views, DATASET, dayNamed(DAY), metric.fingerprint, runs[2]),
    runs[2],
  );
  const gone = await stage.day("events", DAY, { asOf: times[2] ?? "" });
  assert.deepEqual([gone.points, gone.missing.length], [[], 1]);
  assert.deepEqual(gone.degraded, [`run_not_kept:${DAY}`]);
  assert.deepEqual(told(await stage.day("events", DAY, { asOf: times[0] ?? "" })), exactly(1));

  const refused = async (
    params: Record<string, string>,
    parameter: string,
  ): Promise<readonly string[]> => {
    const result = await query(params);
    assert.ok(!result.ok, JSON.stringify(params));
    assert.equal(result.problem.parameter, parameter);
    return result.problem.would_work;
  };
  assert.deepEqual(await refused({ asOf: runs[2] ?? "" }, "asOf"), [runs[0], runs[1]]);
  await refused({ asOf: "2027-01-01" }, "asOf");
  await refused({ asOf: "yesterday" }, "asOf");
  await refused({ asOf: times[0] ?? "", layer: "both" }, "layer");
  await refused({ asOf: runs[0] ?? "", from: "2026-03-03", until: "2026-03-04" }, "asOf");
});

test("a number's run, objects, late records and last change", async () => {
  const { stage, metric, runs } = await history();
  const archive = await stage.batch.archive();
  const d = explainDay(archive, await stage.ledger(DAY), metric, dayNamed(DAY));
  assert.deepEqual([d.run, d.pinned], [runs[1], true]);
  assert.deepEqual(
    d.kept.map((r) => r.run),
    runs.slice(0, 3),
  );
  assert.equal(
    d.objects.reduce((n, o) => n + o.events, 0),
    2,
  );
  assert.equal(
    d.late.reduce((n, o) => n + o.events, 0),
    1,
  );
  assert.ok(d.objects.every((o) => o.to <= (d.v[0] ?? 0)));
  assert.ok(d.late.every((o) => o.from >= (d.v[0] ?? 0)));
  const { at: _, ...change } = d.lastChange ?? { at: 0 };
  assert.deepEqual(change, { by: "eva", did: "rollback", from: runs[2], to: runs[1] });
  const none = explainDay(archive, undefined, metric, (dayNamed(DAY) + 1) as UtcDay);
  assert.deepEqual([none.run, none.lastChange, none.objects], [null, null, []]);
});
