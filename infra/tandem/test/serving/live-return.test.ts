// A reader of a live stream that comes again, to the same process or the next, gets what it missed, once.
import assert from "node:assert/strict";
import { test } from "node:test";
import { live } from "@tandem/client";
import { startServing } from "./http-fixture.ts";
import { QUERY, stage, valuesOf, view } from "./live-stage.ts";

test("a reader that comes again gets what changed since, once; another process's id gets everything", async (t) => {
  const { world, pace, api, flush, key } = await stage(t);
  world.append(view());
  await flush();
  const presented = await key();
  const path = `${api.url}/metrics/events/live?${QUERY}&by=event_type`;
  const open = async (id?: string) => {
    const stop = new AbortController();
    t.after(() => stop.abort());
    const response = await fetch(path, {
      headers: { authorization: `Bearer ${presented}`, ...(id ? { "last-event-id": id } : {}) },
      signal: stop.signal,
    });
    const body = response.body?.getReader();
    assert.ok(body);
    let text = "";
    return {
      close: () => stop.abort(),
      async upTo(pattern: RegExp): Promise<string> {
        for (;;) {
          const found = pattern.exec(text);
          if (found) return text;
          const { value, done } = await body.read();
          if (done) throw new RangeError(text);
          text += Buffer.from(value).toString();
        }
      },
    };
  };
  const one = await open();
  const id = /^id: (.*)$/m.exec(await one.upTo(/\nid: .*\n\n/))?.[1] ?? "";
  one.close();
  const idle = await open(id);
  world.append(view("11:00:00", "buy"));
  await flush();
  await pace.advance(2000);
  const live2 = await idle.upTo(/\nid: .*\n\n/);
  assert.doesNotMatch(live2, /event: reset/);
  idle.close();
  // Meanwhile: two more changes of one cell. They come as one.
  for (let i = 0; i < 2; i++) {
    world.append(view("12:00:00", "buy"));
    await flush();
    await pace.advance(2000);
  }
  const missed = await (await open(id)).upTo(/\nid: .*\n\n/);
  assert.equal(missed.match(/event: cells/g)?.length, 1);
  assert.match(missed, /"event_type":"buy"\},"value":3,/);
  assert.doesNotMatch(missed, /"by":{"event_type":"view"}/);
  for (const strange of ["deadbeef.3", "x", `${id.split(".")[0]}.-1`]) {
    const all = await (await open(strange)).upTo(/\nid: .*\n\n/);
    assert.match(all, /event: reset\ndata: \{"ask":"events","why":"unknown_id"/);
  }
});

test("serving is restarted: readers are told, come back and are given everything anew", async (t) => {
  const { world, api, flush, key } = await stage(t);
  world.append(view());
  await flush();
  const presented = await key();
  const second = await startServing(t, world, {}, {});
  let turn = 0;
  const stop = new AbortController();
  t.after(() => stop.abort());
  const messages = live({
    url: `${api.url}/metrics/events/live?${QUERY}`,
    key: presented,
    signal: stop.signal,
    // The same address leads to the next process.
    fetch: (url, init) =>
      fetch(turn++ === 0 ? url : String(url).replace(api.url, second.url), init),
    sleep: () => Promise.resolve(),
  });
  const events: string[] = [];
  for await (const m of messages) {
    events.push("why" in m ? `${m.event} ${m.why}` : m.event);
    if (events.length === 1) {
      world.append(view());
      await world.flushAll();
      api.close();
    }
    if (m.event === "reset" && events.length > 1) {
      assert.deepEqual(valuesOf(m), [[2, "speed"]]);
      break;
    }
  }
  assert.deepEqual(events, ["reset start", "end closing", "lost", "reset unknown_id"]);
});
