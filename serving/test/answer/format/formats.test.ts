// Every format holds the same numbers; a spreadsheet finds no formula in CSV, Arrow's own reader and a foreign one open the stream.
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Answer, AnswerPoint } from "@tandem/shared-logic";
import { tableFromIPC as tableFromStream } from "@uwdata/flechette";
import { tableFromIPC } from "apache-arrow";
import { csvText } from "../../../src/answer/format/csv.ts";
import { written } from "../../../src/answer/format/formats.ts";

const point = (country: string | null, value: AnswerPoint["value"]): AnswerPoint => ({
  from: "2019-10-01T00:00:00Z",
  until: "2019-10-02T00:00:00Z",
  by: { country },
  value,
  low: value,
  high: value,
  exact: true,
  layer: "batch",
});
const EVIL = ["=1+1", "+1", "-1", "@x", "\t=1", "\r=1", " =1", '=HYPERLINK("x")', 'a"b,c\nd', "ü"];
const answer: Answer = {
  metric: "revenue",
  version: 1,
  unit: "currency",
  from: "2019-10-01T00:00:00Z",
  until: "2019-10-02T00:00:00Z",
  grain: "day",
  tz: "UTC",
  by: ["country"],
  points: [point(null, null), point("DE", "12345678901234567.89"), ...EVIL.map((v) => point(v, 1))],
  total: [{ ...point("DE", 5) }],
  cost: { cells: 24 },
  horizon: null,
  freshness: null,
  missing: [],
  late_pending: 0,
  suspected: 0,
  unchecked: 0,
  skipped: 0,
  capped: false,
  degraded: [],
};
const text = async (format: "csv" | "ndjson"): Promise<string> =>
  new TextDecoder().decode(await written(format, [answer], true));

test("CSV: no cell of somebody's text is a formula", async () => {
  const csv = await text("csv");
  for (const value of EVIL.slice(0, 8)) {
    const cell = csvText(value);
    assert.match(cell, /^"?'/, value);
    assert.ok(csv.includes(cell));
  }
  assert.equal(csvText('a"b,c\nd'), '"a""b,c\nd"');
  assert.ok(csv.startsWith("metric,role,from,until,country,value,low,high,exact,layer,run\r\n"));
  assert.ok(csv.includes(",(none),,,,true,batch,\r\n"));
  assert.ok(csv.includes("12345678901234567.89"));
});

test("NDJSON: one line of the answer, then its points", async () => {
  const lines = (await text("ndjson"))
    .trimEnd()
    .split("\n")
    .map((l) => JSON.parse(l));
  assert.equal(lines.length, 1 + answer.points.length + 1);
  assert.deepEqual(
    [lines[0].role, lines[0].metric, lines[0].points],
    ["answer", "revenue", undefined],
  );
  assert.deepEqual(lines[2], { metric: "revenue", role: "point", ...answer.points[1] });
});

test("Arrow: the stream is opened by Arrow's reader, typed, with the exact digits", async () => {
  const table = tableFromIPC(await written("arrow", [answer], true));
  assert.equal(table.numRows, answer.points.length + 1);
  const row = table.get(1)?.toJSON() as Record<string, unknown>;
  assert.equal(row["by.country"], "DE");
  assert.equal(row["value_text"], "12345678901234567.89");
  assert.equal(Number(row["from"]), Date.parse("2019-10-01T00:00:00Z"));
  assert.equal(table.get(0)?.toJSON()["value"], null);
  const about = JSON.parse(table.schema.metadata.get("answers") ?? "");
  assert.equal(about[0].unit, "currency");
  const none = tableFromIPC(await written("arrow", [{ ...answer, points: [], total: [] }], true));
  assert.equal(none.numRows, 0);
});

test("Arrow: another implementation reads every value, null, moment and sign of the stream", async () => {
  const early = { ...point("ü\u0000=1", -1.5), from: "1969-12-31T23:59:59Z" };
  const sealed = { ...point("", 0), exact: false, run: "2019-10-01-r" };
  const points = [...answer.points, early, sealed];
  const bytes = await written("arrow", [{ ...answer, points }], true);
  const table = tableFromStream(bytes);
  const rows = [
    ...points.map((p) => ["point", p] as const),
    ...(answer.total ?? []).map((p) => ["total", p] as const),
  ];
  const seen = table.toArray().map((row) => ({ ...row }));
  assert.deepEqual(
    seen,
    rows.map(([role, p]) => ({
      metric: "revenue",
      role,
      from: Date.parse(p.from),
      until: Date.parse(p.until),
      "by.country": p.by?.["country"] ?? null,
      value: p.value === null ? null : Number(p.value),
      low: p.low === null ? null : Number(p.low),
      high: p.high === null ? null : Number(p.high),
      value_text: p.value === null ? null : String(p.value),
      exact: p.exact,
      layer: p.layer,
      run: p.run ?? null,
    })),
  );
  // By their numbers in Arrow's Schema.fbs.
  const [UTF8, TIMESTAMP, FLOAT, BOOL] = [5, 10, 3, 6];
  const types = table.schema.fields.map((f) => f.type.typeId as number);
  const numbers = [FLOAT, FLOAT, FLOAT, UTF8, BOOL, UTF8, UTF8];
  assert.deepEqual(types, [UTF8, UTF8, TIMESTAMP, TIMESTAMP, UTF8, ...numbers]);
  assert.deepEqual(
    table.schema.fields
      .filter((f) => "timezone" in f.type)
      .map((f) => "timezone" in f.type && f.type.timezone),
    ["UTC", "UTC"],
  );
  const about = JSON.parse(table.schema.metadata?.get("answers") ?? "");
  assert.equal(about[0].unit, "currency");
  const none = tableFromStream(
    await written("arrow", [{ ...answer, points: [], total: [] }], true),
  );
  assert.deepEqual([none.numRows, none.schema.fields.length], [0, 12]);
});
