// `tandem metrics --all` shows what a funnel or a retention lists, as GET /metrics does: keys in order, with labels.
import assert from "node:assert/strict";
import { test } from "node:test";
import { readyMetric } from "@tandem/shared-logic";
import { listMadeOf } from "../../src/commands/metrics.ts";

function listed(name: string, format: "table" | "json"): string {
  let text = "";
  const out = (t: string): void => {
    text += t;
  };
  listMadeOf([readyMetric(name)], { format }, { out });
  return text;
}

test("a funnel's steps are shown with their labels, a retention's returns by number", () => {
  const funnel = listed("signup_funnel", "table");
  assert.match(funnel, /\n {2}lists step: 1 \(.*signup_started.*\), 2 \(.*\)/);
  assert.match(listed("retention", "table"), /\n {2}lists return: 0.*, 1.*, 7.*, 30/);
  assert.doesNotMatch(listed("page_views", "table"), /lists/);
});

test("as JSON too, and a metric that lists nothing has no lists", () => {
  const [made] = (JSON.parse(listed("signup_funnel", "json")) as { metrics: unknown[] }).metrics;
  const { lists } = made as { lists: { path: string; labels: string[] } };
  assert.equal(lists.path, "step");
  assert.match(String(lists.labels[0]), /signup_started/);
  assert.doesNotMatch(listed("page_views", "json"), /"lists"/);
});
