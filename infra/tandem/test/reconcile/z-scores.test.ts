// Without a fault, on the way that events take (collector, log, speed worker, archive, batch, reconciler): z-scores of
// dense days are such as a standard normal gives, and nothing is named.
import assert from "node:assert/strict";
import { test } from "node:test";
import { Reconciler } from "@tandem/batch-layer";
import { COLLECTOR_LIMITS, collectorCounters, createAcceptor } from "@tandem/ingest";
import {
  below,
  type ComparisonRow,
  comparisonKey,
  distinct,
  type Metric,
  metric,
  seededRandom,
  text,
} from "@tandem/shared-logic";
import { DATASET, dayNamed, Stage } from "../stories/stage.ts";
import { DAY, FILTERS } from "./reconcile-stage.ts";

const IDS = 24;
const TENANTS = ["t1", "t2", "t3"];
const EVENTS = 1600;
const VALUES = 2400;

const METRICS: readonly Metric[] = Array.from({ length: IDS }, (_, i) =>
  metric({
    ...{ name: `ids_${i}`, title: `Ids ${i}`, unit: "ids", version: 1, examples: [] },
    reducer: distinct(text(`properties.p${i}`), { precision: 8 }),
  }),
);

test("z-scores of dense days through every layer", async (t) => {
  const random = seededRandom(77);
  const stage = await Stage.at(`${DAY}T23:59:00Z`, METRICS, 1, FILTERS);
  const parts = { limits: COLLECTOR_LIMITS, counters: collectorCounters(), dataset: DATASET };
  const acceptor = createAcceptor({ ...stage.ports, ...parts });
  for (const tenant of TENANTS) {
    for (let sent = 0; sent < EVENTS; sent += 400) {
      const lines = Array.from({ length: 400 }, (_, i) =>
        JSON.stringify({
          event_id: `${tenant}-${sent + i}`,
          event_type: "seen",
          timestamp: `${DAY}T${String((sent + i) % 24).padStart(2, "0")}:00:00Z`,
          properties: Object.fromEntries(
            METRICS.map((_, m) => [`p${m}`, `${tenant}-${m}-${below(random, VALUES)}`]),
          ),
        }),
      );
      const body = Buffer.from(lines.join("\n"));
      const result = await acceptor.accept({ body, tenant, mode: "live" });
      assert.equal(result?.accepted, 400);
    }
  }
  await stage.until("2026-03-03T00:10:00Z");
  await stage.fold();
  await stage.seal();
  await stage.fold();
  const ports = { ...stage.ports, ...stage.unitPorts };
  await new Reconciler(ports, stage.batch, DATASET, METRICS).reconcile();
  const z: number[] = [];
  for (const tenant of TENANTS) {
    const row = await stage.ports.views.ledger(comparisonKey(DATASET, tenant, dayNamed(DAY)));
    for (const c of (JSON.parse(row?.value ?? "") as ComparisonRow).metrics) {
      assert.deepEqual([c.dense, c.unexplained, c.states.differ], [true, [], 0], c.metric);
      z.push(c.z ?? Number.NaN);
    }
  }
  const n = z.length;
  assert.equal(n, IDS * TENANTS.length);
  const mean = z.reduce((a, b) => a + b, 0) / n;
  const variance = z.reduce((a, b) => a + (b - mean) ** 2, 0) / (n - 1);
  t.diagnostic(`${n} days: mean ${mean.toFixed(3)}, variance ${variance.toFixed(3)}`);
  // Four standard errors each.
  assert.ok(Math.abs(mean) < 4 / Math.sqrt(n), `mean ${mean}`);
  assert.ok(Math.abs(variance - 1) < 4 * Math.sqrt(2 / n), `variance ${variance}`);
});
