// What happens to a day, from its first late record to the end of its archive, on whatever stores: heal planned and
// applied, compared with speed, rolled back, its speed rows gone, replayed, and retention over a year with a check after
// each pass. At no step is an answer silently low.
import assert from "node:assert/strict";
import { Reconciler } from "@tandem/batch-layer";
import { type ComparisonRow, comparisonKey, HOUR_MS, TandemError } from "@tandem/shared-logic";
import { fsck } from "../fsck/fsck-stage.ts";
import { compare, start } from "../replay/replay-stage.ts";
import {
  counted,
  DAYS,
  later,
  retentionOf,
  sealedStage,
  shown,
} from "../retention/retention-stage.ts";
import {
  DATASET,
  dayNamed,
  exactly,
  type Stage,
  type Stores,
  TENANT,
  told,
} from "../stories/stage.ts";
import { Healer } from "./heal-stage.ts";

const [DAY = ""] = DAYS;
const ask = async (stage: Stage): Promise<object> => told(await stage.day("seen", DAY));

/** One record lies above the run; it is older than the filters reach. */
const above = (value: number, more: object = {}): object =>
  exactly(value, {
    low: value - 1,
    exact: false,
    layer: "both",
    late_pending: 1,
    unchecked: 1,
    ...more,
  });

export async function healingLife(stores: Stores): Promise<void> {
  const stage = await sealedStage(stores);
  const healer = new Healer(stage, stage.metrics);
  await healAndCompare(stage, healer);
  await rollBack(stage, healer);
  await replay(stage);
  await growOld(stage);
}

async function healAndCompare(stage: Stage, healer: Healer): Promise<void> {
  await stage.send({ id: "late", at: `${DAY}T10:30:00Z` });
  await stage.fold();
  assert.deepEqual(await ask(stage), above(13));
  const plan = await healer.plan(DAY);
  assert.deepEqual(
    plan.metrics.map((m) => m.why),
    ["late", "late", "late"],
  );
  assert.equal((await healer.apply(plan)).state, "applied");
  assert.equal((await healer.apply(plan)).state, "superseded");
  await healer.heals.rebuild([dayNamed(DAY)]);
  assert.deepEqual((await healer.plan(DAY)).metrics, []);
  await stage.fold();
  assert.deepEqual(await ask(stage), exactly(13));

  const { ports, unitPorts, batch, metrics } = stage;
  await new Reconciler({ ...ports, ...unitPorts }, batch, DATASET, metrics).reconcile();
  const row = await ports.views.ledger(comparisonKey(DATASET, TENANT, dayNamed(DAY)));
  const { metrics: found } = JSON.parse(row?.value ?? "") as ComparisonRow;
  assert.ok(found.length === 3 && found.every((c) => c.unexplained.length === 0));
}

async function rollBack(stage: Stage, healer: Healer): Promise<void> {
  const { views } = stage.ports;
  const healed = await stage.ledger(DAY);
  await healer.heals.rollback(dayNamed(DAY), { by: "eva" });
  assert.deepEqual(await ask(stage), above(13, { degraded: [`pinned:${DAY}`] }));
  // Somebody drops what lies above the run that is shown: the day is missing, not low.
  for (const { fingerprint } of stage.metrics) {
    const below = healed.entries[fingerprint]?.v ?? [];
    await views.dropSpeed(DATASET, fingerprint, dayNamed(DAY), below);
  }
  for (const { name } of stage.metrics)
    for (const grain of ["day", "hour"]) {
      const { points, missing } = await stage.day(name, DAY, { grain });
      assert.deepEqual(points, [], `${name} by the ${grain}`);
      assert.ok(missing.length > 0, `${name} by the ${grain}`);
    }
  await healer.heals.unpin(dayNamed(DAY), { by: "eva" });
  await healer.heal(DAY);
  await stage.fold();
  assert.deepEqual(await ask(stage), exactly(13));
  // And from there nobody goes back to it any more.
  const row = await stage.ledger(DAY);
  await assert.rejects(
    healer.heals.rollback(dayNamed(DAY), { by: "eva" }),
    (e) => e instanceof TandemError && e.code === "rollback_refused",
  );
  assert.deepEqual(await stage.ledger(DAY), row);
}

async function replay(stage: Stage): Promise<void> {
  for (const source of ["archive", "topic"] as const) {
    const { rebuilt, failed } = await start(stage, source, source);
    assert.deepEqual([rebuilt.length, failed], [DAYS.length, []]);
    assert.deepEqual(await compare(stage, source), {});
  }
}

async function growOld(stage: Stage): Promise<void> {
  const before = await shown(stage, DAYS);
  const hours = await shown(stage, DAYS, { grain: "hour" });
  const done: Record<string, number> = {};
  const pass = async (): Promise<void> => {
    const applied = await retentionOf(stage).apply();
    assert.deepEqual(applied.passed, []);
    for (const [name, n] of Object.entries(counted(applied.done)))
      done[name] = (done[name] ?? 0) + n;
    assert.deepEqual((await retentionOf(stage).plan()).actions, []);
    assert.deepEqual(await shown(stage, DAYS), before);
    assert.deepEqual(await shown(stage, DAYS, { grain: "hour" }), hours);
    assert.deepEqual((await fsck(stage)).left, []);
  };
  for (const days of [3, 97, 8, 0, 300]) {
    await later(stage, days);
    // Rows of what was retired go once nobody can be reading them.
    await stage.clock.advance(HOUR_MS);
    await pass();
  }
  const kinds = ["drop_object", "drop_run", "drop_speed", "move_object", "retire_run", "roll_up"];
  for (const kind of kinds) assert.ok((done[kind] ?? 0) > 0, `${kind}: ${JSON.stringify(done)}`);
}
