// Readers of live streams beside each other: of another tenant, slow, or with a key that is revoked.
import assert from "node:assert/strict";
import { once } from "node:events";
import { connect } from "node:net";
import { test } from "node:test";
import { QUERY, reader, stage, valuesOf, view } from "./live-stage.ts";

test("two tenants see nothing of each other", async (t) => {
  const { world, pace, api, flush, key } = await stage(t);
  world.append(view());
  world.append(view("10:00:00", "secret"), { tenant: "other" });
  await flush();
  const url = `${api.url}/metrics/events/live?${QUERY}&by=event_type`;
  const acme = reader(t, url, await key(), pace);
  const other = reader(t, url, await key("other"), pace);
  await acme.next();
  await other.next();
  world.append(view("10:00:00", "secret"), { tenant: "other" });
  await flush();
  assert.deepEqual(valuesOf(await other.next()), [[2, "speed"]]);
  world.append(view("10:00:00", "own"));
  await flush();
  assert.match(JSON.stringify(await acme.next()), /own/);
  assert.doesNotMatch(JSON.stringify(acme.told), /secret/);
  assert.doesNotMatch(JSON.stringify(other.told), /own/);
});

test("a reader that takes nothing holds up nobody, and is let go after a while", async (t) => {
  const { world, pace, api, flush, key } = await stage(t, { slowMs: 20_000 });
  // More than the buffers of two sockets.
  for (let i = 0; i < 500; i++) world.append(view("10:00:00", `type-${i}-${"x".repeat(12_000)}`));
  await flush();
  const presented = await key();
  const slow = connect(Number(new URL(api.url).port), "127.0.0.1");
  slow.on("error", () => undefined);
  slow.write(
    `GET /metrics/events/live?${QUERY}&by=event_type HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${presented}\r\n\r\n`,
  );
  await once(slow, "readable");
  const quick = reader(t, `${api.url}/metrics/events/live?${QUERY}`, presented, pace);
  await quick.next();
  for (let i = 0; i < 3; i++) {
    world.append(view());
    await flush();
    assert.equal((await quick.next()).event, "cells");
  }
  assert.equal(api.live.size.streams, 2);
  await pace.advance(25_000, 1000);
  assert.deepEqual(api.ended, ["slow_reader"]);
  // Its connection is cut, whether it has taken the reason or not.
  while (api.live.size.streams === 2) await new Promise((resolve) => setTimeout(resolve, 20));
  world.append(view());
  await flush();
  assert.equal((await quick.next()).event, "cells");
});

test("a key that is revoked ends its streams; heartbeats keep the others", async (t) => {
  const { world, api, flush, pace } = await stage(t);
  await flush();
  const { presented, key } = await api.makeKey("acme", "read");
  const url = `${api.url}/metrics/events/live?${QUERY}`;
  const gone = reader(t, url, presented, pace);
  await gone.next();
  await api.revoke(key.id);
  // The record is remembered for half a second of the API's own clock.
  Object.assign(world, { now: world.now + 60_000 });
  let end = await gone.next();
  while (end.event === "cells") end = await gone.next();
  assert.deepEqual(end, { event: "end", why: "key" });
});
