// Audits hold back what cannot be right: the shadow run stays for inspection and nothing is published. And a
// rerun with fewer keys leaves no ghosts.
import assert from "node:assert/strict";
import { test } from "node:test";
import { AUDIT_BOUNDS, auditRun, type Cell, type CellMap } from "@tandem/batch-layer";
import {
  count,
  decimal,
  distinct,
  type Expectation,
  type Metric,
  metric,
  sum,
  TandemError,
  text,
} from "@tandem/shared-logic";
import { Stage } from "../stories/stage.ts";
import { Healer } from "./heal-stage.ts";

const DAY = "2026-03-02";

const views = (expect?: Expectation, title = "Views"): Metric =>
  metric({
    name: "views",
    title,
    unit: "events",
    version: 1,
    reducer: count({ grains: ["hour"] }),
    by: [["event_type"]],
    limit: 2,
    ...(expect ? { expect } : {}),
    examples: [],
  });

async function stageWith(m: Metric, events: number): Promise<Stage> {
  const stage = await Stage.at("2026-03-03T00:10:00Z", [m]);
  for (let i = 0; i < events; i++) await stage.send({ id: `e${i}`, at: `${DAY}T10:00:00Z` });
  await new Healer(stage, [m]).heal(DAY);
  return stage;
}

test("an expectation that is broken keeps the shadow run and publishes nothing", async () => {
  const stage = await stageWith(views(), 3);
  await stage.send({ id: "late", at: `${DAY}T10:30:00Z` });
  const strict = new Healer(stage, [views({ max: "3" })]);
  const before = await stage.ledger(DAY);
  const plan = await strict.plan(DAY);
  assert.equal(plan.ok, false);
  const failed = plan.kept.audits.filter((a) => !a.ok);
  assert.deepEqual(
    failed.map((a) => [a.audit, a.metric]),
    [["expectation", "views"]],
  );
  assert.match(failed[0]?.found ?? "", /4 is above 3/);
  assert.equal((await strict.apply(plan)).state, "audit_failed");
  assert.deepEqual(await stage.ledger(DAY), before);
  const [shadow] = Object.values(plan.kept.runs);
  assert.ok(shadow);
  assert.deepEqual(await stage.ports.views.readBack(shadow.run), shadow.sum);

  // An expectation is no part of the fingerprint: with a wider one the same run passes.
  const wide = new Healer(stage, [views({ max: "10", minEvents: 4, maxChange: 0.5 })]);
  const again = await wide.plan(DAY);
  assert.deepEqual(Object.values(again.kept.runs), [shadow]);
  assert.equal((await wide.apply(again)).state, "applied");
});

test("a declaration with an expectation nobody can check is refused", () => {
  const invalid = (e: unknown): boolean => e instanceof TandemError && e.code === "metric_invalid";
  assert.throws(() => views({ min: "a lot" }), invalid);
  assert.throws(() => views({ maxChange: -1 }), invalid);
});

test("a group that falls out of the limit leaves no ghost", async () => {
  const m = views();
  const stage = await Stage.at("2026-03-03T00:10:00Z", [m]);
  const send = (id: string, type: string) => stage.send({ id, at: `${DAY}T10:00:00Z`, type });
  for (const [i, type] of ["a", "a", "b"].entries()) await send(`${type}${i}`, type);
  const healer = new Healer(stage, [m]);
  await healer.heal(DAY);
  for (const id of ["c1", "c2"]) await send(id, "c");
  const plan = await healer.heal(DAY);
  const gone = plan.metrics[0]?.changes.find((c) => c.group === '["b"]');
  assert.deepEqual([gone?.before, gone?.after], ["1", undefined]);
  await stage.fold();
  const answer = await stage.day("views", DAY, { by: "event_type" });
  const shown = Object.fromEntries(answer.points.map((p) => [p.by?.["event_type"], p.value]));
  assert.deepEqual(shown, { a: 2, c: 2, "(other)": 1 });
});

const WINDOW = { from: 0, until: 86_400_000 } as Cell["window"];
const cells = (...of: Partial<Cell>[]): CellMap =>
  new Map(
    of.map((c, i) => [
      String(i),
      {
        tenant: "t",
        dims: [],
        group: "[]",
        grain: "day",
        window: WINDOW,
        value: "1",
        events: 10,
        skipped: 0,
        ...c,
      },
    ]),
  );
const failing = (m: Metric, now: CellMap, before?: CellMap): string[] =>
  auditRun({ metric: m, cells: [...now.values()], totals: now, before }, AUDIT_BOUNDS)
    .filter((a) => !a.ok)
    .map((a) => a.audit);

test("each audit finds what it is there for, and nothing else", () => {
  const base = { name: "m", title: "M", unit: "u", version: 1, examples: [] };
  const users = metric({ ...base, reducer: distinct(text("user")) });
  const money = metric({ ...base, reducer: sum(decimal("properties.price", { scale: 2 })) });
  assert.deepEqual(failing(users, cells({ value: "10" })), []);
  assert.deepEqual(failing(users, cells({ value: "11" })), ["uniques"]);
  assert.deepEqual(failing(users, cells({ value: "-1" })), ["negative"]);
  assert.deepEqual(failing(money, cells({ value: "-1" })), [], "refunds are money too");
  assert.deepEqual(failing(money, cells({ events: -1 })), ["negative"]);
  const many = { events: 5000 };
  const change = (from: string, to: string, events = 5000): string[] =>
    failing(money, cells({ ...many, value: to }), cells({ events, value: from }));
  assert.deepEqual(change("100", "150"), []);
  assert.deepEqual(change("100", "151"), ["change"]);
  assert.deepEqual(change("100", "49"), ["change"]);
  assert.deepEqual(change("0", "1"), ["change"]);
  assert.deepEqual(change("100", "1000", 999), [], "few events may change by any amount");
});
