// A question that is refused as too uncertain says what would work, and all of it does: a wider error, the range that is
// sealed, sealed numbers alone, and where lists of single days cut groups away one day alone.
import assert from "node:assert/strict";
import { test } from "node:test";
import { distinct, type Metric, metric, text, topK, type UtcDay, user } from "@tandem/shared-logic";
import { at, DAY, World } from "./serving-fixture.ts";

const of = (name: string, reducer: Metric["reducer"]): Metric =>
  metric({
    ...{ name, reducer, title: "t", unit: "u", version: 1, examples: [], by: [["event_type"]] },
  });
const USERS = of("users", distinct(user(), { precision: 4 }));
const TOP = of("top", topK(text("event_type"), { k: 1, sample: 16 }));

/** Each day has forty users, and another type that most of them bring. */
async function world(sealed: number): Promise<World> {
  const w = await World.create([USERS, TOP], { now: at("2019-10-12T00:00:00Z") });
  for (let day = 0; day < 2; day++)
    for (let i = 0; i < 40; i++)
      w.append({
        timestamp: new Date(at("2019-10-01T01:00:00Z") + day * 86_400_000 + i * 1000).toISOString(),
        user_id: `u${day * 20 + i}`,
        event_type: i % 3 === 0 ? "third" : `of day ${day}`,
      });
  const v = w.cut();
  for (let day = 0; day < sealed; day++)
    for (const m of w.metrics) await w.publish(m, (DAY + day) as UtcDay, v);
  await w.flushAll();
  return w;
}

type Params = Readonly<Record<string, string>>;
const DAYS: Params = { from: "2019-10-01", until: "2019-10-03", grain: "day" };
const BY: Params = { by: "event_type" };

/** What was refused, and the hints, each of which was asked. */
async function refused(w: World, name: string, asked: Params): Promise<readonly string[]> {
  const params: Params = { ...asked, max_error: asked["max_error"] ?? "0.001" };
  const first = await w.engine.query(params, name, "acme");
  assert.ok(!first.ok && first.problem.code === "too_uncertain", JSON.stringify(first));
  const hints = first.problem.would_work;
  for (const hint of hints) {
    const { max_error: _, ...free } = params;
    const [key = "", value = ""] = hint.split("=");
    const again = hint === "no max_error" ? free : { ...params, [key]: value };
    const answer = await w.engine.query(again, name, "acme");
    assert.ok(answer.ok, `${JSON.stringify(params)}: ${hint}: ${JSON.stringify(answer)}`);
    assert.ok(answer.answer.points.length > 0 || key === "consistency", hint);
  }
  return hints.map((hint) => hint.replace(/^max_error=.*/, "max_error"));
}

test("nothing is sealed: a wider error", async () => {
  assert.deepEqual(await refused(await world(0), "users", DAYS), ["max_error"]);
});

test("a part is sealed: that part, or sealed numbers alone", async () => {
  const hints = ["max_error", "until=2019-10-02T00:00:00Z", "consistency=sealed"];
  assert.deepEqual(await refused(await world(1), "users", DAYS), hints);
});

test("a late event lies on a sealed day: sealed numbers alone", async () => {
  const w = await world(2);
  w.append({ timestamp: "2019-10-01T05:00:00Z", user_id: "late", event_type: "late" });
  await w.flushAll();
  assert.deepEqual(await refused(w, "users", DAYS), ["max_error", "consistency=sealed"]);
});

test("the range begins where nothing is sealed: it has no sealed part", async () => {
  const asked = { ...DAYS, from: "2019-10-02" };
  assert.deepEqual(await refused(await world(1), "users", asked), ["max_error"]);
});

test("lists of single days cut groups away: one day alone", async () => {
  const w = await world(2);
  assert.deepEqual(await refused(w, "top", { ...DAYS, ...BY }), [
    "no max_error",
    "until=2019-10-02T00:00:00Z",
  ]);
  const sealed = { ...DAYS, ...BY, consistency: "sealed" };
  assert.deepEqual(await refused(w, "top", sealed), ["no max_error", "until=2019-10-02T00:00:00Z"]);
});
