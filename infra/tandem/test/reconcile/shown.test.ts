// What people and programs see of comparisons: the API (of the key's tenant alone), the command's table, the gauge
// that the alert is made of.
import assert from "node:assert/strict";
import { test } from "node:test";
import { prometheusTelemetry } from "@tandem/adapters/prometheus";
import { reportReconciled } from "@tandem/batch-layer";
import { QueryEngine } from "@tandem/serving";
import { readComparisons, seededRandom } from "@tandem/shared-logic";
import { reconcileTable } from "../../src/commands/reconcile.ts";
import { startServing } from "../serving/http-fixture.ts";
import { DATASET, TENANT } from "../stories/stage.ts";
import { DAY, eventsOf, METRICS, Reconciled } from "./reconcile-stage.ts";

async function world(): Promise<Reconciled> {
  const random = seededRandom(1);
  const made = await Reconciled.at(random, { drop: 0.05 });
  await made.send(eventsOf(random, 400));
  await made.seal("2026-03-03T00:10:00Z");
  await made.reconcile();
  return made;
}

test("the API answers with the comparisons of the key's tenant", async (t) => {
  const { stage } = await world();
  const { views } = stage.ports;
  const engine = new QueryEngine({ ...stage.ports, metrics: METRICS, dataset: DATASET });
  const api = await startServing(t, { views, now: stage.clock.now(), metrics: METRICS, engine });
  const key = (await api.makeKey(TENANT, "read")).presented;
  const get = (query: string) => api.request(`/reconciliation${query}`, api.bearer(key));
  const all = await get("");
  assert.equal(all.status, 200);
  assert.deepEqual(
    all.body.days.map((d: { day: string }) => d.day),
    [DAY],
  );
  const [day] = all.body.days;
  assert.deepEqual(
    day.metrics.map((m: { metric: string }) => m.metric).sort(),
    METRICS.map((m) => m.name).sort(),
  );
  const seen = day.metrics.find((m: { metric: string }) => m.metric === "seen");
  assert.equal(seen.batch, 400);
  assert.equal(seen.speed - seen.batch, seen.difference);
  assert.ok(seen.dropped.low > 0);
  assert.deepEqual(seen.unexplained, ["dropped"]);
  assert.equal((await get("?metric=seen&unexplained=true")).body.days[0].metrics.length, 1);
  assert.deepEqual((await get("?from=2026-03-03")).body.days, []);
  assert.deepEqual((await get(`?until=${DAY}`)).body.days, []);
  for (const bad of ["?from=yesterday", "?days=3", "?unexplained=maybe", "?metric=a&metric=b"]) {
    const refused = await get(bad);
    assert.deepEqual([refused.status, refused.body.error.code], [400, "bad_query"], bad);
  }
  // Another tenant, and one whose name is the beginning of this one's.
  for (const tenant of ["acme", TENANT.slice(0, -1)]) {
    const other = (await api.makeKey(tenant, "read")).presented;
    const answer = await api.request("/reconciliation", api.bearer(other));
    assert.deepEqual([answer.status, answer.body.days], [200, []]);
  }
});

test("the table names the cause and its size", async () => {
  const { stage, injected } = await world();
  const rows = await readComparisons(stage.ports.views, DATASET, TENANT, {});
  const table = reconcileTable(rows, false);
  assert.equal(table.split("\n").length, METRICS.length + 2);
  assert.match(
    table,
    new RegExp(
      `^${DAY}  seen +400 +${400 - injected.dropped} .* dropped ${injected.dropped}$`,
      "m",
    ),
  );
  const only = reconcileTable(rows, true);
  assert.ok(only.includes("dropped"));
  assert.equal(reconcileTable([], true), "everything is explained\n");
});

test("the gauge counts days by metric, and forgets them after three", async () => {
  const { stage } = await world();
  const telemetry = prometheusTelemetry({ processFigures: false });
  reportReconciled(telemetry, { ...stage.ports, dataset: DATASET, metrics: METRICS });
  const page = (): Promise<string> => telemetry.text();
  assert.match(await page(), /reconciliation_unexplained_days\{metric="seen"\} 1/);
  await stage.until("2026-03-09T00:00:00Z");
  assert.match(await page(), /reconciliation_unexplained_days\{metric="seen"\} 0/);
});
