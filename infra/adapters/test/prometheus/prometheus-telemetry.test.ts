// Telemetry as Prometheus text: what is printed, what is not, and that reading never fails.
import assert from "node:assert/strict";
import { test } from "node:test";
import { TELEMETRY } from "@tandem/shared-logic";
import { prometheusTelemetry } from "../../src/prometheus/prometheus-telemetry.ts";

const fresh = () => prometheusTelemetry({ processFigures: false });

test("every name of the list is printed with its help", async () => {
  const text = await fresh().text();
  for (const [name, { kind, help }] of Object.entries(TELEMETRY)) {
    assert.ok(text.includes(`# HELP ${name} ${help}\n`), name);
    assert.ok(text.includes(`# TYPE ${name} ${kind}\n`), name);
    assert.equal(name.endsWith("_total"), kind === "counter", name);
  }
});

test("counters count, totals follow, also where they begin anew", async () => {
  const t = fresh();
  t.add("requests_total", 2);
  t.add("events_rejected_total", 1, { reason: "not_json" });
  for (const value of [5, 9, 3]) t.total("events_folded_total", value, { partition: "0" });
  const text = await t.text();
  assert.match(text, /^requests_total 2$/m);
  assert.match(text, /^events_rejected_total\{reason="not_json"\} 1$/m);
  assert.match(text, /^events_folded_total\{partition="0"\} 12$/m);
});

test("a gauge that nobody set, or that was forgotten, has no value", async () => {
  const t = fresh();
  assert.doesNotMatch(await t.text(), /^(spool_bytes|consumer_lag_seconds)[ {]/m);
  t.set("spool_bytes", 7);
  t.set("consumer_lag_seconds", 1.5, { partition: "3" });
  assert.match(
    await t.text(),
    /^spool_bytes 7$[\s\S]*^consumer_lag_seconds\{partition="3"\} 1\.5$/m,
  );
  t.forget("spool_bytes");
  t.forget("consumer_lag_seconds", { partition: "3" });
  assert.doesNotMatch(await t.text(), /^(spool_bytes|consumer_lag_seconds)[ {]/m);
});

test("histograms have the list's buckets", async () => {
  const t = fresh();
  t.observe("query_duration_seconds", 0.03, { operation: "queryMetric" });
  const text = await t.text();
  assert.match(text, /query_duration_seconds_bucket\{le="0\.025",operation="queryMetric"\} 0/);
  assert.match(text, /query_duration_seconds_bucket\{le="0\.05",operation="queryMetric"\} 1/);
});

test("reading runs once at a time, and its failure is counted, not thrown", async () => {
  const t = fresh();
  let runs = 0;
  const gate = Promise.withResolvers<void>();
  t.onScrape(async () => {
    runs++;
    await gate.promise;
    throw new RangeError("the log does not answer");
  });
  const off = t.onScrape(() => t.set("spool_bytes", 1));
  const both = Promise.all([t.text(), t.text()]);
  gate.resolve();
  const [text = ""] = await both;
  assert.equal(runs, 1);
  assert.match(text, /^telemetry_failures_total 1$[\s\S]*/m);
  assert.match(text, /^spool_bytes 1$/m);
  off();
  t.forget("spool_bytes");
  assert.doesNotMatch(await t.text(), /^spool_bytes /m);
});

test("the process's own figures stand beside them", async () => {
  assert.match(await prometheusTelemetry().text(), /^process_resident_memory_bytes \d+$/m);
});
