// Rows of weeks and months against the states of their days: every damage is found and put right under another id,
// one that is of older runs is told and rebuilt, and answers stay what they were.
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  dayOf,
  type RunRow,
  type SpanRow,
  seededRandom,
  spanKey,
  windowEnd,
  windowStart,
} from "@tandem/shared-logic";
import { fsckExit } from "../../src/commands/fsck.ts";
import { Healer } from "../heal/heal-stage.ts";
import { DATASET, instant, type Stage, TENANT } from "../stories/stage.ts";
import { DAYS, eventsOf, fsck, METRICS, sealedStage } from "./fsck-stage.ts";

const PEOPLE = METRICS[1];
const [DAY = ""] = DAYS;
type Grain = "week" | "month";

const windowOf = (grain: Grain) => {
  const from = windowStart(instant(`${DAY}T00:00:00Z`), grain);
  return { from, until: windowEnd(from, grain) };
};

async function spanOf(stage: Stage, grain: Grain): Promise<SpanRow> {
  const { from } = windowOf(grain);
  assert.ok(PEOPLE);
  const row = await stage.ports.views.ledger(
    spanKey(DATASET, PEOPLE.fingerprint, grain, dayOf(from)),
  );
  return JSON.parse(row?.value ?? "null") as SpanRow;
}

async function answer(stage: Stage, grain: Grain): Promise<object> {
  const { from, until } = windowOf(grain);
  const [a, b] = [from, until].map((at) => new Date(at).toISOString());
  const { points, missing } = await stage.ask("people", { from: a, until: b, grain });
  const [p] = points;
  return { value: p?.value, low: p?.low, high: p?.high, exact: p?.exact, missing };
}

const DAMAGES: Readonly<Record<string, (rows: readonly RunRow[]) => RunRow[]>> = {
  "all rows are gone": () => [],
  "a value is another": ([first, ...rest]) =>
    first ? [{ ...first, value: `${Number(first.value ?? 0) + 1}` }, ...rest] : [],
  "a count is another": ([first, ...rest]) =>
    first ? [{ ...first, events: first.events + 1 }, ...rest] : [],
  "there is a row too many": (rows) => [
    ...rows,
    ...rows.slice(0, 1).map((r) => ({ ...r, group: "ghost" })),
  ],
};

test("every damage to a week or a month is found and put right", async () => {
  const stage = await sealedStage(seededRandom(1), 30);
  const { views } = stage.ports;
  let found = 0;
  for (const grain of ["week", "month"] as const) {
    const whole = await answer(stage, grain);
    for (const [name, damage] of Object.entries(DAMAGES)) {
      const where = `${grain}, ${name}`;
      const { run } = await spanOf(stage, grain);
      const rows = await views.readRun({ run, tenant: TENANT, set: 0, grain, ...windowOf(grain) });
      assert.ok(rows.length > 0, where);
      await views.removeRun(run);
      const wrong = damage(rows);
      if (wrong.length > 0) await views.writeRun(run, wrong);
      const report = await fsck(stage);
      assert.deepEqual(
        report.left.map((f) => [f.kind, f.at]),
        [["span_rows", run]],
        where,
      );
      assert.equal(fsckExit(report), 4, where);
      const repaired = await fsck(stage, true);
      assert.deepEqual(
        repaired.repaired.map((r) => [r.what, r.at]),
        [["span", run]],
        where,
      );
      assert.deepEqual([repaired.left, fsckExit(repaired)], [[], 0], where);
      assert.notEqual((await spanOf(stage, grain)).run, run, where);
      assert.deepEqual((await fsck(stage)).findings, [], where);
      await stage.restart();
      assert.deepEqual(await answer(stage, grain), whole, where);
      // No later run takes it for older than it is.
      assert.deepEqual((await stage.seal()).spans, [], where);
      found++;
    }
  }
  assert.equal(found, 2 * Object.keys(DAMAGES).length);
});

test("what is of older runs is told, counts for nobody, and is rebuilt", async () => {
  const stage = await sealedStage(seededRandom(2), 30);
  await stage.send(...eventsOf(seededRandom(3), DAY, 5, "late"));
  const healer = new Healer(stage, METRICS);
  const plan = await healer.plan(DAY);
  assert.equal((await healer.apply(plan)).state, "applied");
  await stage.fold();
  const report = await fsck(stage);
  assert.deepEqual(
    report.findings.map((f) => f.kind),
    ["span_stale", "span_stale"],
  );
  assert.equal(fsckExit(report), 0);
  const repaired = await fsck(stage, true);
  assert.deepEqual(
    repaired.repaired.map((r) => r.what),
    ["span", "span"],
  );
  assert.deepEqual((await fsck(stage)).findings, []);
  assert.match(JSON.stringify(await answer(stage, "week")), /"exact":true/);
});

test("a state that is gone: its day is damaged, its week cannot be compared; both come back", async () => {
  const stage = await sealedStage(seededRandom(4), 30);
  for await (const { key } of stage.ports.objects.list(`states/${DATASET}/${PEOPLE?.fingerprint}`))
    if (key.includes(DAY)) await stage.ports.objects.remove(key);
  const report = await fsck(stage);
  assert.deepEqual(
    report.findings.map((f) => f.kind),
    ["run_parts", "span_unchecked", "span_unchecked"],
  );
  assert.equal(fsckExit(report), 4);
  assert.deepEqual((await fsck(stage, true)).left, []);
  assert.deepEqual((await fsck(stage)).findings, []);
});
