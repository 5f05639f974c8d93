// What an analyst does with a number: Polars opens the Arrow stream of a query over HTTP and finds what the JSON says,
// of a day that batch sealed and of one that only speed has.
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  type Answer,
  type AnswerPoint,
  count,
  distinct,
  metric,
  SURE,
  SUSPECTED,
  user,
} from "@tandem/shared-logic";
import polars from "nodejs-polars";
import { startServing } from "./http-fixture.ts";
import { DAY, World } from "./serving-fixture.ts";

const of = { title: "", unit: "of", version: 1, by: [["event_type"]], examples: [] } as const;
const events = metric({ ...of, name: "events", reducer: count() });
const users = metric({ ...of, name: "users", reducer: distinct(user()) });
const TYPES = ["view", "=1+1", 'ü"\n,', ""];

async function twoDays(): Promise<World> {
  const w = await World.create([events, users]);
  const view = (day: number, i: number) => ({
    timestamp: `2019-10-0${day}T${String(i % 24).padStart(2, "0")}:00:00Z`,
    event_type: TYPES[i % 7] ?? null,
    user_id: `user-${i % 50}`,
  });
  for (let i = 0; i < 200; i++) w.append(view(1, i));
  const cut = w.cut();
  for (const metric of w.metrics) await w.publish(metric, DAY, cut);
  for (let i = 0; i < 300; i++)
    w.append(view(2, i), { partition: i % 2, doubt: i % 9 === 0 ? SUSPECTED : SURE });
  await w.flushAll();
  return w;
}

const number = (value: AnswerPoint["value"]): number | null =>
  value === null ? null : Number(value);

test("Polars opens the stream: every point of the JSON answer, its types, and its own sums", async (t) => {
  const api = await startServing(t, await twoDays());
  const { presented: key } = await api.makeKey("acme", "read");
  const path =
    "/query?metrics=events,users&from=2019-10-01&until=2019-10-03&grain=hour&by=event_type";
  const answers: Answer[] = (await api.get(path)).body.answers;
  const response = await fetch(`${api.url + path}&format=arrow`, api.bearer(key));
  assert.equal(response.headers.get("content-type"), "application/vnd.apache.arrow.stream");
  const frame = polars.readIPCStream(Buffer.from(await response.arrayBuffer()));

  const points = answers.flatMap((answer) => answer.points.map((p) => ({ answer, p })));
  assert.ok(points.length > 300, `${points.length} points`);
  assert.deepEqual(new Set(points.map(({ p }) => p.layer)), new Set(["batch", "speed"]));
  assert.deepEqual(
    frame.filter(polars.col("role").eq(polars.lit("point"))).toRecords(),
    points.map(({ answer, p }) => ({
      metric: answer.metric,
      role: "point",
      from: new Date(p.from),
      until: new Date(p.until),
      "by.event_type": p.by?.["event_type"] ?? null,
      value: number(p.value),
      low: number(p.low),
      high: number(p.high),
      value_text: p.value === null ? null : String(p.value),
      exact: p.exact,
      layer: p.layer,
      run: p.run ?? null,
    })),
  );
  assert.equal(String(frame.schema["from"]), "DataType(Datetime(ms,UTC))");

  const sums = frame
    .filter(
      polars
        .col("role")
        .eq(polars.lit("point"))
        .and(polars.col("metric").eq(polars.lit("events"))),
    )
    .groupBy("layer")
    .agg(polars.col("value").sum())
    .sort("layer");
  const layers = ["batch", "speed"] as const;
  const sumOf = (layer: (typeof layers)[number]) =>
    points
      .filter(({ answer, p }) => answer.metric === "events" && p.layer === layer)
      .reduce((sum, { p }) => sum + Number(p.value), 0);
  assert.equal(sumOf("batch"), 200);
  assert.deepEqual(
    sums.toRecords(),
    layers.map((layer) => ({ layer, value: sumOf(layer) })),
  );
});
