// What a live stream pushes is what the query API answers, in time, and once for all who ask the same.
import assert from "node:assert/strict";
import { test } from "node:test";
import { applyLive, type LiveMessage, type LiveReset } from "@tandem/client";
import { events, QUERY, reader, stage, valuesOf, view } from "./live-stage.ts";
import { DAY } from "./serving-fixture.ts";

test("what is pushed is what the query API answers, change by change, heal included", async (t) => {
  const { world, pace, api, flush, key } = await stage(t);
  world.append(view());
  await flush();
  const r = reader(t, `${api.url}/metrics/events/live?${QUERY}`, await key(), pace);
  let state: LiveReset | undefined;
  async function agreed(m: LiveMessage): Promise<void> {
    assert.ok(m.event === "reset" || m.event === "cells", JSON.stringify(m));
    state = applyLive(state, m);
    assert.ok(state);
    const { event: _, why: __, ask, ...answer } = state;
    assert.equal(ask, "events");
    assert.deepEqual(answer, (await api.get(`/metrics/events?${QUERY}`)).body);
  }
  const first = await r.next();
  assert.equal(first.event === "reset" && first.why, "start");
  await agreed(first);
  world.append(view());
  world.append(view(), { partition: 1 });
  await flush();
  const second = await r.next();
  assert.deepEqual([second.event, valuesOf(second)], ["cells", [[3, "speed"]]]);
  await agreed(second);
  // Nobody tells of a run: it is found by looking.
  await world.publish(events, DAY, world.cut());
  const sealed = await r.next();
  assert.deepEqual([sealed.event, valuesOf(sealed)], ["cells", [[3, "batch"]]]);
  await agreed(sealed);
});

test("a change nobody tells of arrives within 2 s; one that is told, within half a second", async (t) => {
  const { world, pace, api, flush, key } = await stage(t);
  await flush();
  const r = reader(t, `${api.url}/metrics/events/live?${QUERY}`, await key(), pace);
  await r.next();
  for (const [tells, mostMs] of [
    [false, 2000],
    [true, 500],
    [false, 2000],
    [true, 500],
  ] as const) {
    world.append(view());
    const began = pace.now();
    await (tells ? flush() : world.flushAll());
    assert.equal((await r.next()).event, "cells");
    const tookMs = pace.now() - began;
    assert.ok(tookMs <= mostMs, `${tells}: ${tookMs} ms`);
  }
});

test("several questions in one stream, each with parameters of its own, answered once for all streams", async (t) => {
  const { world, pace, api, flush, key } = await stage(t);
  world.append(view());
  await flush();
  let reads = 0;
  world.stepReads(async () => {
    reads++;
  });
  const own = encodeURIComponent(`events?${QUERY}&by=event_type`);
  const url = `${api.url}/live?metrics=events&${QUERY}&ask=${own}`;
  const presented = await key();
  const readers = Array.from({ length: 5 }, () => reader(t, url, presented, pace));
  for (const r of readers) {
    const [a, b] = [await r.next(), await r.next()];
    assert.deepEqual(
      [a, b].map((m) => "ask" in m && m.ask),
      ["events", `events?${QUERY}&by=event_type`],
    );
  }
  assert.ok(reads < 60, `${reads} reads for two questions of five streams`);
  world.append(view("11:00:00", "buy"));
  await flush();
  for (const r of readers) {
    const pair = [await r.next(), await r.next()];
    const total = pair.find((m) => "ask" in m && m.ask === "events");
    const split = pair.find((m) => "ask" in m && m.ask !== "events");
    assert.deepEqual(total && valuesOf(total), [[2, "speed"]]);
    assert.deepEqual(split && valuesOf(split), [[1, "speed"]], "the changed group alone");
  }
});
