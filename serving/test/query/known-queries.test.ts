// Questions understood before: the same object for the same question, and what parsing gives for any.
import assert from "node:assert/strict";
import { test } from "node:test";
import { count, DAY_MS, type EpochMs, epochMs, metric } from "@tandem/shared-logic";
import { KnownQueries } from "../../src/query/known-queries.ts";
import { parseQuery } from "../../src/query/parse-query.ts";
import type { QueryParams } from "../../src/query/problem.ts";
import { QUERY_LIMITS } from "../../src/query/query.ts";

const NOW = epochMs(Date.parse("2024-10-04T12:00:00Z"));
const made = () =>
  metric({
    ...{ name: "m", title: "T", unit: "u", version: 1, examples: [] },
    ...{ reducer: count(), by: [["properties.country"]] },
  });
const range = { from: "2024-09-01", until: "2024-09-03" };

test("is what parsing gives, and the same object again where the question says when it ends", () => {
  const known = new KnownQueries(QUERY_LIMITS);
  const m = made();
  const asked: readonly (readonly [QueryParams, boolean])[] = [
    [range, true],
    [{ ...range, grain: "hour" }, true],
    [{ ...range, by: ["properties.country"] }, true],
    [{ ...range, where: "properties.country=DE" }, true],
    [{ ...range, compare: "previous_period" }, true],
    [{ from: "2024-09-01" }, false],
    [{ ...range, asOf: "2024-09-02" }, false],
  ];
  for (const [params, same] of asked) {
    const first = known.parse(params, m, NOW);
    assert.deepEqual(first, parseQuery(params, m, NOW), JSON.stringify(params));
    const again = known.parse({ ...params }, m, NOW);
    assert.deepEqual(again, first);
    assert.ok(first.ok && again.ok);
    assert.equal(first.query === again.query, same, JSON.stringify(params));
  }
});

test("many long questions push the oldest out", () => {
  const known = new KnownQueries(QUERY_LIMITS);
  const m = made();
  const long = (n: number) => ({
    ...range,
    grain: "total",
    where: `properties.country=${n}${"x".repeat(900)}`,
  });
  const first = known.parse(range, m, NOW);
  for (let n = 0; n < 2500; n++) assert.ok(known.parse(long(n), m, NOW).ok);
  const again = known.parse(range, m, NOW);
  assert.ok(first.ok && again.ok);
  assert.notEqual(again.query, first.query);
});

test("what moves is asked anew, a metric of the same name is another, and what is refused is refused again", () => {
  const known = new KnownQueries(QUERY_LIMITS);
  const [m, other] = [made(), made()];
  for (const now of [NOW, (NOW + DAY_MS) as EpochMs])
    for (const params of [{}, { ...range, asOf: "2024-10-05T00:00:00Z" }, { ...range, by: "no" }])
      assert.deepEqual(known.parse(params, m, now), parseQuery(params, m, now));
  const [one, two] = [known.parse(range, m, NOW), known.parse(range, other, NOW)];
  assert.ok(one.ok && two.ok);
  assert.equal(two.query.metric, other);
});
