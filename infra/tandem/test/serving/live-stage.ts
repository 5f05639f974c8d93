// What tests of live streams over HTTP stand on: a serving API whose changes and time are made by hand, and readers.
import type { TestContext } from "node:test";
import { type LiveMessage, live } from "@tandem/client";
import { ChangeFeed, type LiveLimits } from "@tandem/serving";
import { count, metric } from "@tandem/shared-logic";
import { HandPace } from "./hand-pace.ts";
import { startServing } from "./http-fixture.ts";
import { World } from "./serving-fixture.ts";

export const events = metric({
  name: "events",
  title: "Events",
  unit: "events",
  version: 1,
  reducer: count(),
  by: [["event_type"]],
  examples: [],
});

export const QUERY = "from=2019-10-01&until=2019-10-02&grain=day";
export const view = (time = "10:00:00", type = "view") => ({
  timestamp: `2019-10-01T${time}Z`,
  event_type: type,
});

/** One world with a serving API; `flush` shows what was appended and tells who watches. */
export async function stage(t: TestContext, limits: Partial<LiveLimits> = {}) {
  const world = await World.create([events]);
  const pace = new HandPace();
  const changes = new ChangeFeed([events]);
  const api = await startServing(t, world, {}, { changes, pace, live: limits });
  async function flush(): Promise<void> {
    await world.flushAll();
    changes.flushed({ rows: world.rows(0, world.log[0]?.length ?? 0) });
  }
  const key = async (tenant = "acme") => (await api.makeKey(tenant, "read")).presented;
  return { world, pace, api, flush, key };
}

/** A reader, with what it was told so far and a way to wait for the next message. */
export function reader(t: TestContext, url: string, key: string, pace?: HandPace) {
  const stop = new AbortController();
  t.after(() => stop.abort());
  const told: LiveMessage[] = [];
  const messages = live({
    url,
    key,
    signal: stop.signal,
    random: () => 0,
    sleep: () => Promise.resolve(),
  });
  async function next(): Promise<LiveMessage> {
    let moving = true;
    const moved = (async () => {
      while (moving && pace) await pace.advance(50);
    })();
    const { value, done } = await messages.next();
    moving = false;
    await moved;
    if (done || !value) throw new RangeError("the stream is over");
    told.push(value);
    return value;
  }
  return { next, told, close: () => stop.abort() };
}

export const valuesOf = (m: LiveMessage): unknown[] =>
  m.event === "reset" || m.event === "cells" ? m.points.map((p) => [p.value, p.layer]) : [];
