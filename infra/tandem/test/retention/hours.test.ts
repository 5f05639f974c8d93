// After two years a day's hours become one cell: days and longer say what they said, anything finer is refused, what
// comes late lies on top, and a replay of such a day finds the same rows.
import assert from "node:assert/strict";
import { test } from "node:test";
import { RETENTION_RULES, rulesOf } from "@tandem/batch-layer";
import { QueryEngine } from "@tandem/serving";
import { HOUR_MS } from "@tandem/shared-logic";
import { fsck } from "../fsck/fsck-stage.ts";
import { compare, start } from "../replay/replay-stage.ts";
import { DATASET, TENANT } from "../stories/stage.ts";
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

test("after two years, days stay as they were and hours are refused", async () => {
  const stage = await sealedStage();
  await retentionOf(stage).apply();
  const before = await shown(stage, DAYS);
  const totals = await shown(stage, DAYS, { grain: "total" });
  const by = await stage.day("seen", DAY, { by: "event_type" });
  await later(stage, 740);
  const pass = async (): Promise<Record<string, number>> => {
    const { done, passed } = await retentionOf(stage).apply();
    assert.deepEqual([passed, (await retentionOf(stage).plan()).actions], [[], []]);
    assert.deepEqual(await shown(stage, DAYS), before);
    assert.deepEqual(await shown(stage, DAYS, { grain: "total" }), totals);
    assert.deepEqual((await fsck(stage)).left, []);
    return counted(done);
  };
  // From minutes to days at once, and from hours to days: uniques have no minutes.
  assert.equal((await pass())["roll_up"], 9);
  await later(stage, 8);
  assert.equal((await pass())["retire_run"], 9);
  await stage.clock.advance(HOUR_MS);
  assert.equal((await pass())["drop_run"], 9);
  const points = (a: typeof by) => a.points.map(({ run: _, ...p }) => p);
  assert.deepEqual(points(await stage.day("seen", DAY, { by: "event_type" })), points(by));

  const engine = new QueryEngine({ ...stage.ports, metrics: METRICS, dataset: DATASET });
  const refused = async (metric: string, params: Record<string, string>) => {
    const range = { from: DAY, until: "2026-03-03", ...params };
    const said = await engine.query(range, metric, TENANT);
    assert.ok(!said.ok, JSON.stringify(params));
    const { code, parameter, would_work } = said.problem;
    return [code, parameter, would_work[0]];
  };
  for (const metric of ["seen", "people"])
    assert.deepEqual(await refused(metric, { grain: "hour" }), ["bad_query", "grain", "grain=day"]);
  assert.deepEqual(await refused("seen", { grain: "minute" }), ["bad_query", "grain", "grain=day"]);
  const zone = await refused("seen", { grain: "day", tz: "Europe/Berlin" });
  assert.equal(zone[0], "bad_query");
  const half = { from: `${DAY}T10:00:00Z`, until: `${DAY}T12:00:00Z`, grain: "total" };
  assert.deepEqual(await refused("people", half), ["bad_query", "from", `${DAY}T00:00:00Z`]);

  // What is late lies on top of the day.
  await stage.send({ id: "late", at: `${DAY}T10:30:00Z` });
  await stage.fold();
  const answer = await stage.day("seen", DAY);
  assert.deepEqual([answer.points[0]?.value, answer.late_pending], [13, 1]);
});

test("what a dataset says stands above the rules for all", () => {
  const settings = {
    ...RETENTION_RULES,
    auto: false,
    datasets: { events: { auto: true, hourDays: 99, rawDays: undefined } },
  };
  const { auto, hourDays, rawDays, minuteDays } = rulesOf(settings, "events");
  assert.deepEqual([auto, hourDays, rawDays, minuteDays], [true, 99, 365, 90]);
  assert.deepEqual(rulesOf(settings, "other"), { ...RETENTION_RULES, auto: false });
});

test("hours become days by the rules of the dataset", async () => {
  const stage = await sealedStage();
  await later(stage, 100);
  assert.equal(counted((await retentionOf(stage).apply()).done)["roll_up"], 6);
  const before = await shown(stage, DAYS);
  const rules = { hourDays: 99 };
  assert.equal(counted((await retentionOf(stage, rules).apply()).done)["roll_up"], 9);
  assert.deepEqual(await shown(stage, DAYS), before);
  // The archive is there still, and gives the same rows: one a group, and of uniques one with the day's value.
  await start(stage, "again");
  assert.deepEqual(await compare(stage, "again"), {});
  const rows = { seen: 2, people: 2, spent: 1 };
  for (const day of DAYS) {
    const { entries } = await stage.ledger(day);
    for (const { name, fingerprint } of METRICS) {
      const entry = entries[fingerprint];
      const { count } = await stage.ports.views.readBack(entry?.run ?? "");
      assert.deepEqual([entry?.grain, count], ["day", rows[name as keyof typeof rows]], name);
    }
  }
});
