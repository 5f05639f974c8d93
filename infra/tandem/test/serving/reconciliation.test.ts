// `GET /reconciliation`: the comparisons of the key's tenant alone, and what is said where something cannot be.
import assert from "node:assert/strict";
import { test } from "node:test";
import { QueryEngine } from "@tandem/serving";
import { addShed } from "@tandem/shared-logic";
import { DAY, METRICS, Reconciled } from "../reconcile/reconcile-stage.ts";
import { DATASET, dayNamed, TENANT } from "../stories/stage.ts";
import { startServing } from "./http-fixture.ts";

test("the API answers with the comparisons of the key's tenant", async (t) => {
  const { stage } = await Reconciled.lossy();
  const { views } = stage.ports;
  const shed = { events: 12, requests: 3 };
  await addShed(views, DATASET, dayNamed(DAY), new Map([[TENANT, shed]]));
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
  assert.deepEqual(day.shed, shed);
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
