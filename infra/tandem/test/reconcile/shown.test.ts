// What people see of comparisons: the command's table, and the gauge that the alert is made of.
import assert from "node:assert/strict";
import { test } from "node:test";
import { prometheusTelemetry } from "@tandem/adapters/prometheus";
import { reportReconciled } from "@tandem/batch-layer";
import { readComparisons } from "@tandem/shared-logic";
import { reconcileTable } from "../../src/commands/reconcile.ts";
import { DATASET, TENANT } from "../stories/stage.ts";
import { DAY, METRICS, Reconciled } from "./reconcile-stage.ts";

test("the table names the cause and its size", async () => {
  const { stage, injected } = await Reconciled.lossy();
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
  const { stage } = await Reconciled.lossy();
  const telemetry = prometheusTelemetry({ processFigures: false });
  reportReconciled(telemetry, { ...stage.ports, dataset: DATASET, metrics: METRICS });
  const page = (): Promise<string> => telemetry.text();
  assert.match(await page(), /reconciliation_unexplained_days\{metric="seen"\} 1/);
  await stage.until("2026-03-09T00:00:00Z");
  assert.match(await page(), /reconciliation_unexplained_days\{metric="seen"\} 0/);
});
