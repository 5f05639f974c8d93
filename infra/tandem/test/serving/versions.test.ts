// Versions over HTTP: NAME@VERSION is an address of its own, the list says how far each version is, and what a
// client keeps under the bare name is not valid any more once another version answers.
import assert from "node:assert/strict";
import { test } from "node:test";
import { QueryEngine } from "@tandem/serving";
import { DATASET, dayNamed, TENANT } from "../stories/stage.ts";
import { fiveDays, V1, V2 } from "../versions/clicks.ts";
import { startServing } from "./http-fixture.ts";

test("entity tags change with the version; names that are not there are told apart", async (t) => {
  const stage = await fiveDays();
  await stage.restart([V1, V2]);
  const metrics = [V1, V2];
  let reads: string[] = [];
  const views = new Proxy(stage.ports.views, {
    get(target, name) {
      const method: unknown = Reflect.get(target, name);
      if (typeof method !== "function") return method;
      return (...args: unknown[]): unknown => {
        if (name === "ledger") reads.push(String(args[0]));
        return method.apply(target, args) as unknown;
      };
    },
  });
  const engine = new QueryEngine({ ...stage.ports, views, metrics, dataset: DATASET });
  const world = { now: stage.clock.now(), metrics, engine, views: stage.ports.views };
  const api = await startServing(t, world);
  const { presented } = await api.makeKey(TENANT, "read");
  const get = (path: string, headers: Record<string, string> = {}) =>
    api.request(path, api.bearer(presented, headers));
  const range = "from=2026-03-02&until=2026-03-07&grain=total";
  const versions = async () => (await get("/metrics")).body.metrics[0].versions;

  await stage.seal({ until: dayNamed("2026-03-04") });
  await stage.fold();
  assert.deepEqual(await versions(), [
    { version: 1, visible: true, days_done: 4, days_wanted: 4 },
    { version: 2, visible: false, days_done: 2, days_wanted: 4 },
  ]);
  const before = await get(`/metrics/clicks?${range}`);
  assert.deepEqual([before.body.version, before.body.points[0].value], [1, 10]);
  const etag = before.headers.get("etag") ?? "";
  assert.equal((await get(`/metrics/clicks?${range}`, { "if-none-match": etag })).status, 304);

  await stage.seal();
  await stage.fold();
  reads = [];
  const after = await get(`/metrics/clicks?${range}`, { "if-none-match": etag });
  assert.deepEqual([after.status, after.body.version, after.body.points[0].value], [200, 2, 15]);
  assert.notEqual(after.headers.get("etag"), etag);
  assert.equal(reads.filter((key) => key.startsWith("visible/")).length, 1);
  reads = [];
  const first = await get(`/metrics/clicks@1?${range}`);
  assert.deepEqual([first.body.version, first.body.points[0].value], [1, 10]);
  assert.equal(reads.filter((key) => key.startsWith("visible/")).length, 0);
  const unknown = await get(`/metrics/clicks@3?${range}`);
  assert.equal(unknown.status, 404);
  assert.deepEqual(unknown.body.error.would_work, ["clicks", "clicks@1", "clicks@2"]);
  for (const bad of ["clicks@", "clicks@0", "@1", "clicks@1@2", "clicks@1.5"])
    assert.equal((await get(`/metrics/${bad}?${range}`)).status, 404, bad);
});
