// A live breakdown with a limit, beside the days before: what has been pushed is at each moment what the query API
// answers, also where one group takes another's place and for a reader that was away meanwhile.
import assert from "node:assert/strict";
import { test } from "node:test";
import { isDeepStrictEqual } from "node:util";
import { applyLive, type LiveReset, live } from "@tandem/client";
import { ChangeFeed } from "@tandem/serving";
import { count, metric } from "@tandem/shared-logic";
import { HandPace } from "./hand-pace.ts";
import { startServing } from "./http-fixture.ts";
import { World } from "./serving-fixture.ts";

const events = metric({
  ...{ name: "events", title: "Events", unit: "events", version: 1, examples: [] },
  reducer: count(),
  by: [["event_type"]],
});
const QUERY =
  "from=2019-10-02&until=2019-10-03&grain=day&by=event_type&limit=2&compare=previous_period";

/** Without the cursor, which a stream has none of. */
function comparable(answer: object): unknown {
  const { event: _e, why: _w, ask: _a, next: _n, ...rest } = answer as LiveReset;
  return rest;
}

test("limit, rest, total and comparison, pushed as they change and after coming again", async (t) => {
  const world = await World.create([events]);
  const pace = new HandPace();
  const changes = new ChangeFeed([events]);
  const api = await startServing(t, world, {}, { changes, pace });
  const { presented: key } = await api.makeKey("acme", "read");
  const add = async (type: string, n: number, day = 2): Promise<void> => {
    for (let i = 0; i < n; i++)
      world.append({ timestamp: `2019-10-0${day}T10:00:00Z`, event_type: type });
    await world.flushAll();
    changes.flushed({ rows: world.rows(0, world.log[0]?.length ?? 0) });
  };
  for (const [type, n] of [
    ["view", 5],
    ["cart", 3],
    ["buy", 1],
    ["look", 1],
  ] as const)
    await add(type, n);
  await add("view", 2, 1);

  const stop = new AbortController();
  t.after(() => stop.abort());
  let cut = new AbortController();
  const messages = live({
    url: `${api.url}/metrics/events/live?${QUERY}`,
    key,
    signal: stop.signal,
    fetch: (url, init) =>
      fetch(url, { ...init, signal: AbortSignal.any([cut.signal, init?.signal ?? cut.signal]) }),
    sleep: () => Promise.resolve(),
  });
  let state: LiveReset | undefined;
  let resets = 0;
  const agrees = async (what: string): Promise<void> => {
    const { body } = await api.get(`/metrics/events?${QUERY}`);
    assert.equal(typeof body.next, "string");
    const wanted = comparable(body);
    for (let told = 0; ; told++) {
      if (state && isDeepStrictEqual(comparable(state), wanted)) return;
      if (told > 8) assert.deepEqual(state && comparable(state), wanted, what);
      let waiting = true;
      const moving = (async () => {
        for (let i = 0; waiting; i++) {
          // Nothing has come for a minute of the pace's time: the stream ends, and the loop says what lacks.
          if (i === 1200) stop.abort();
          await pace.advance(50);
        }
      })();
      const { value } = await messages.next();
      waiting = false;
      await moving;
      if (value?.event === "reset") resets++;
      if (value?.event === "reset" || value?.event === "cells") state = applyLive(state, value);
    }
  };
  const shown = (): unknown[] => (state?.points ?? []).map((p) => p.by?.["event_type"]).sort();
  await agrees("at the start");
  assert.deepEqual(shown(), ["(rest)", "cart", "view"]);
  await add("buy", 4);
  await agrees("buy has taken the place of cart");
  assert.deepEqual(shown(), ["(rest)", "buy", "view"]);
  await add("cart", 1, 1);
  await agrees("one more the day before");
  // Cut off: what happened meanwhile comes as changes.
  cut.abort();
  cut = new AbortController();
  await add("cart", 9);
  await add("view", 1, 1);
  await agrees("after coming again");
  assert.deepEqual(shown(), ["(rest)", "buy", "cart"]);
  assert.equal(resets, 1);
  for (const what of ["cursor=abc", "asOf=2019-10-04", "max_error=0.1", "format=csv"]) {
    const { status, body } = await api.get(`/metrics/events/live?${QUERY}&${what}`);
    assert.deepEqual([status, body.error.parameter], [400, what.split("=")[0]]);
    assert.ok(body.error.would_work.length > 0);
  }
});
