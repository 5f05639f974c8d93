// The examples of every metric hold: they are its documentation, so what they say must be so.
import assert from "node:assert/strict";
import { test } from "node:test";
import { catalogue } from "../../src/catalogue/catalogue.ts";
import { readyMetrics } from "../../src/catalogue/ready-metrics.ts";
import { exampleProblem } from "../../src/testing/example-answers.ts";

for (const m of [...catalogue, ...readyMetrics]) {
  test(`${m.name}: has examples`, () => assert.ok(m.examples.length > 0));
  for (const example of m.examples) {
    test(`${m.name}: ${example.title}`, () => assert.equal(exampleProblem(m, example), undefined));
  }
}

test("an example that does not hold is told", () => {
  for (const m of readyMetrics) {
    const [first] = m.examples;
    assert.match(exampleProblem(m, { ...first!, value: "-7" }) ?? "", /the example says -7/);
    if (first?.by === undefined) continue;
    const by = { ...first.by, groups: {} };
    assert.match(exampleProblem(m, { ...first, by }) ?? "", /the example says {}/);
  }
});

test("names are unique and files are found by them", () => {
  for (const list of [catalogue, readyMetrics]) {
    const names = list.map((m) => m.name);
    assert.deepEqual(names, [...new Set(names)].sort());
  }
  const all = [...catalogue, ...readyMetrics];
  assert.equal(new Set(all.map((m) => m.name)).size, all.length);
  assert.equal(new Set(all.map((m) => m.fingerprint)).size, all.length);
});
