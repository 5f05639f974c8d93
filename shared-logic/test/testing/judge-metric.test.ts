// A metric that the gate refuses is refused with few events, on which the same law is broken.
import assert from "node:assert/strict";
import { test } from "node:test";
import type { AnyReducer } from "../../src/algebra/reducer.ts";
import { readyMetrics } from "../../src/catalogue/ready-metrics.ts";
import { judgeMetric } from "../../src/testing/judge-metric.ts";
import { QUICK_GATE } from "../../src/testing/law-gate.ts";
import { broken } from "./broken-reducers.ts";

const price = { select: "decimal", path: "properties.price", scale: 0 } as const;
const kind = (name: string): { law: string; reducer: AnyReducer } => {
  const [law, reducer] = broken.find(([, { spec }]) => spec.kind === name) ?? [];
  assert.ok(law !== undefined && reducer !== undefined, name);
  return { law, reducer: { ...reducer, selects: [price] } };
};

for (const name of ["halving plus", "last write without a time", "average of averages"]) {
  test(`${name}: a counter-example of a few events`, () => {
    const { law, reducer } = kind(name);
    const verdict = judgeMetric({ reducer });
    const found = verdict.broken.find((b) => b.law.endsWith(law));
    assert.ok(found, verdict.broken.map((b) => b.law).join("; "));
    assert.ok(found.events.length >= 1 && found.events.length <= 3, `${found.events.length}`);
    const again = judgeMetric({ reducer }, { ...QUICK_GATE, trials: 40, pool: found.events });
    assert.ok(again.broken.some((b) => b.law === found.law));
  });
}

test("what breaks by number alone has no events", () => {
  const { reducer } = kind("keeps every item");
  const tight = { ...QUICK_GATE, growth: { items: 500, limitBytes: 1000 } };
  const found = judgeMetric({ reducer }, tight).broken.find((b) => b.law.includes("growth"));
  assert.match(found?.problem ?? "", /500 items take \d+ bytes, over 1000/);
  assert.deepEqual(found?.events, []);
});

test("a ready metric breaks nothing", () => {
  const metric = readyMetrics.find((m) => m.name === "arpu");
  assert.ok(metric);
  const { laws, broken: wrong } = judgeMetric(metric, QUICK_GATE);
  assert.deepEqual(wrong, []);
  assert.ok(laws >= 35);
});
