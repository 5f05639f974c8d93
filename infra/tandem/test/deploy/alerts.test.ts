// Alert rules and dashboard ask for metrics that processes report, by labels those have; every alert that
// the operators were promised is there and has its page.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { type MetricName, TELEMETRY } from "@tandem/shared-logic";

const file = (path: string): string =>
  readFileSync(new URL(`../../../../${path}`, import.meta.url), "utf8");
const rules = file("infra/deploy/alerts.yaml")
  .split(/^ {6}- alert: /m)
  .slice(1)
  .map((text) => ({
    name: text.split("\n")[0] ?? "",
    expr: /^ {8}expr: (.*)$/m.exec(text)?.[1] ?? "",
    wait: /^ {8}for: (.*)$/m.exec(text)?.[1],
    severity: /severity: (P\d)/.exec(text)?.[1],
  }));
const dashboard = JSON.parse(file("infra/deploy/dashboard.json")) as {
  readonly panels: readonly { title: string; targets: readonly { expr: string }[] }[];
};

/** Of Prometheus itself, or of every Node process. */
const GIVEN = new Set(["up", "process_resident_memory_bytes"]);
const WORDS =
  /^(sum|max|min|rate|increase|by|on|group_left|histogram_quantile|and|or|unless|le|instance|job)$/;

/** What is wrong with the names of an expression. */
function problems(expr: string): string[] {
  const found: string[] = [];
  const bare = expr.replaceAll(/"[^"]*"/g, '""').replaceAll(/\[\w+\]/g, "");
  const metrics: string[] = [];
  const labels: string[] = [];
  for (const [word] of bare.matchAll(/[a-z][a-z_]*/g)) {
    if (WORDS.test(word) || GIVEN.has(word)) continue;
    const name = word.replace(/_(bucket|sum|count)$/, "");
    const known = TELEMETRY[word as MetricName] ?? TELEMETRY[name as MetricName];
    if (known) metrics.push(word in TELEMETRY ? word : name);
    else labels.push(word);
  }
  if (metrics.length === 0 && !/\b(up|process_resident_memory_bytes)\b/.test(bare))
    found.push(`no metric in ${expr}`);
  const has = new Set(metrics.flatMap((m) => [...TELEMETRY[m as MetricName].labels] as string[]));
  for (const label of labels) if (!has.has(label)) found.push(`${label} in ${expr}`);
  return found;
}

test("the check finds a wrong name and a wrong label", () => {
  assert.deepEqual(problems("max(consumer_lag_second) > 1").length, 2);
  assert.deepEqual(problems("max by (topic) (consumer_lag_seconds)").length, 1);
  assert.deepEqual(problems('sum(queries_total{state="x"})').length, 1);
});

test("every expression of the rules and of the dashboard names what is reported", () => {
  assert.ok(rules.length >= 6);
  assert.deepEqual(
    rules.flatMap((rule) => problems(rule.expr)),
    [],
  );
  assert.ok(dashboard.panels.length >= 10);
  const targets = dashboard.panels.flatMap((panel) => panel.targets);
  assert.deepEqual(
    targets.flatMap(({ expr }) => problems(expr)),
    [],
  );
});

test("what operators were promised is there", () => {
  const promised: readonly (readonly [string, RegExp, string | undefined, string])[] = [
    ["ConsumerLag", /consumer_lag_seconds\) > 30$/, "5m", "P1"],
    ["DropRate", /events_rejected_total.*events_received_total.* > 0\.001$/, "5m", "P2"],
    ["DeadLetters", /events_dead_lettered_total\[5m\]\)\) \* 60 > 100$/, "5m", "P2"],
    ["ArchiveLag", /archive_lag_seconds\) > .*log_retention_seconds\) \/ 2$/, "5m", "P1"],
    ["DayUnsealed", /day_unsealed_seconds\) > 6 \* 3600$/, undefined, "P2"],
    ["LostRange", /lost_range_records\) > 0$/, undefined, "P1"],
  ];
  for (const [name, expr, wait, severity] of promised) {
    const rule = rules.find((r) => r.name === name);
    assert.match(rule?.expr ?? "", expr, name);
    assert.deepEqual([rule?.wait, rule?.severity], [wait, severity], name);
  }
});

test("every alert has its page, with its severity, and every page its alert", () => {
  const pages = file("docs/alerts.md").split(/^## /m).slice(1);
  assert.deepEqual(
    pages.map((page) => page.split("\n")[0]).sort(),
    rules.map((rule) => rule.name).sort(),
  );
  for (const { name, severity } of rules) {
    const page = pages.find((text) => text.startsWith(`${name}\n`)) ?? "";
    assert.match(page, new RegExp(`^\\w+\\n\\n${severity}\\.`), name);
  }
});
