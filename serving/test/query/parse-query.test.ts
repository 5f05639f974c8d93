// A bad query is a value that names the parameter, what was expected and what would work; what it says
// would work does.
import assert from "node:assert/strict";
import { test } from "node:test";
import { count, distinct, epochMs, formatInstant, metric, user } from "@tandem/shared-logic";
import { parseQuery } from "../../src/query/parse-query.ts";
import type { QueryParams, QueryProblem } from "../../src/query/problem.ts";
import { QUERY_LIMITS, type Query } from "../../src/query/query.ts";

const NOW = epochMs(Date.parse("2019-10-05T12:34:56Z"));
const base = { title: "T", unit: "u", version: 1, examples: [] };
const BY = [["event_type"], ["properties.country"], ["properties.country", "context.platform"]];
const events = metric({ ...base, name: "events", reducer: count(), by: BY });
const users = metric({ ...base, name: "users", reducer: distinct(user()), by: BY });

function good(params: QueryParams, m = users): Query {
  const parsed = parseQuery(params, m, NOW);
  assert.ok(parsed.ok, JSON.stringify(parsed));
  return parsed.query;
}
function bad(params: QueryParams, m = users, limits = {}): QueryProblem {
  const parsed = parseQuery(params, m, NOW, { ...QUERY_LIMITS, ...limits });
  assert.ok(!parsed.ok, "a bad query");
  const { problem } = parsed;
  assert.equal(problem.code, "bad_query");
  assert.ok(problem.expected !== "");
  return problem;
}
const DAYS = { from: "2019-10-01", until: "2019-10-03" };

test("defaults: the day up to the end of the running cell, by the hour", () => {
  const q = good({});
  assert.deepEqual([q.from, q.until].map(formatInstant), [
    "2019-10-04T13:00:00Z",
    "2019-10-05T13:00:00Z",
  ]);
  assert.deepEqual([q.grain, q.tz, q.layer, q.windows.length], ["hour", "UTC", "both", 24]);
  assert.equal(formatInstant(good({}, events).until), "2019-10-05T12:35:00Z");
  assert.equal(good({ from: "2019-09-01", until: "2019-10-01" }).grain, "day");
});

test("a plain day is one on the asked calendar", () => {
  const q = good({ ...DAYS, tz: "Europe/Berlin", grain: "day" });
  assert.deepEqual([q.from, q.until].map(formatInstant), [
    "2019-09-30T22:00:00Z",
    "2019-10-02T22:00:00Z",
  ]);
  assert.equal(good({ ...DAYS, tz: "europe/berlin" }).tz, "Europe/Berlin");
});

test("by and where make up a declared set in any order and any way of writing", () => {
  assert.equal(good(DAYS).set, 0);
  assert.equal(good({ ...DAYS, by: "context.platform,properties.country" }).set, 3);
  assert.equal(good({ ...DAYS, by: ["context.platform", "properties.country"] }).set, 3);
  const ways: QueryParams[] = [
    { where: "properties.country=DE" },
    { where: "properties.country:DE" },
    { where: ["properties.country=DE"] },
    { "where.properties.country": "DE" },
  ];
  for (const way of ways) {
    const q = good({ ...DAYS, ...way, by: "context.platform" });
    assert.deepEqual(
      [q.set, [...q.where], q.by],
      [3, [["properties.country", "DE"]], ["context.platform"]],
    );
  }
  assert.deepEqual(
    [...good({ ...DAYS, where: "event_type=a=b:c" }).where],
    [["event_type", "a=b:c"]],
  );
  assert.deepEqual(
    [...good({ ...DAYS, where: "event_type=(none)" }).where],
    [["event_type", null]],
  );
});

test("each bad parameter is named, and so is what would work", () => {
  const cases: [QueryParams, string][] = [
    [{ ...DAYS, grian: "day" }, "grian"],
    [{ ...DAYS, from: "yesterday" }, "from"],
    [{ ...DAYS, until: "2019-10-32" }, "until"],
    [{ ...DAYS, until: ["2019-10-02", "2019-10-03"] }, "until"],
    [{ from: "2019-10-03", until: "2019-10-03" }, "until"],
    [{ ...DAYS, from: "2019-10-01T00:30:00Z" }, "from"],
    [{ ...DAYS, grain: "year" }, "grain"],
    [{ ...DAYS, grain: "minute" }, "grain"],
    [{ ...DAYS, tz: "Europe/Nowhere" }, "tz"],
    [
      {
        ...DAYS,
        tz: "Asia/Kolkata",
        grain: "day",
        from: "2019-10-01T00:00:00Z",
        until: "2019-10-03T00:00:00Z",
      },
      "tz",
    ],
    [{ ...DAYS, layer: "fast" }, "layer"],
    [{ ...DAYS, by: "context.platform" }, "by"],
    [{ ...DAYS, by: "properties.brand" }, "by"],
    [{ ...DAYS, by: "event_type,event_type" }, "by"],
    [{ ...DAYS, where: "properties.brand=x" }, "where"],
    [{ ...DAYS, where: "event_type" }, "where"],
    [{ ...DAYS, where: ["event_type=a", "event_type=b"] }, "where"],
    [{ ...DAYS, "where.brand": "x" }, "where"],
    [{ ...DAYS, by: "event_type", where: "properties.country=DE" }, "where"],
  ];
  for (const [params, parameter] of cases) {
    const problem = bad(params);
    assert.equal(problem.parameter, parameter, JSON.stringify(params));
    assert.ok(problem.would_work.length > 0, JSON.stringify(params));
  }
});

test("what would work works", () => {
  for (const set of bad({ ...DAYS, by: "properties.brand" }).would_work) good({ ...DAYS, by: set });
  for (const grain of bad({ ...DAYS, grain: "minute" }).would_work) good({ ...DAYS, grain });
  for (const from of bad({ ...DAYS, from: "2019-10-01T00:30:00Z" }).would_work)
    good({ ...DAYS, from });
  for (const tz of bad({ ...DAYS, tz: "Europe/Nowhere" }).would_work) good({ ...DAYS, tz });
  const far = { from: "2019-01-01", until: "2019-12-01", grain: "minute" };
  for (const grain of bad(far, events).would_work) good({ ...far, grain }, events);
  const [, until] = (
    bad({ from: "2000-01-01", until: "2019-12-01", grain: "total" }).would_work[0] ?? ""
  ).split("=");
  good({ from: "2000-01-01", until: until ?? "", grain: "total" });
});

test("a zone with half hours works for a metric that is kept by the minute", () => {
  const q = good({ ...DAYS, tz: "Asia/Kolkata", grain: "day" }, events);
  assert.equal(formatInstant(q.from), "2019-09-30T18:30:00Z");
});

test("a long text is cut in what is said of it", () => {
  assert.ok(bad({ ...DAYS, by: "x".repeat(5000) }).got.length < 300);
});
