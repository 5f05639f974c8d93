// What the tracker makes of its events: requests of how many and when, of what size, and what of them is refused.
import assert from "node:assert/strict";
import { test } from "node:test";
import { trackStage } from "./track-stage.ts";

test("batches by count at once and by time after 5 s; sent_at is of the request, the timestamp of the event", async (t) => {
  const s = await trackStage(t);
  const tracker = s.tracker();
  tracker.track("one");
  const at = s.clock.now();
  await s.advance(4999);
  assert.equal(s.requests.length, 0);
  await s.advance(1);
  assert.equal(s.requests.length, 1);
  for (let i = 0; i < 30; i++) tracker.track("many");
  await s.advance(0);
  assert.equal(s.requests[1]?.texts.length, 30);
  const sent = JSON.parse(s.requests[0]?.texts[0] ?? "");
  assert.deepEqual([sent.timestamp, sent.sent_at], [at, at + 5000]);
  await tracker.close();
});

test("rejected events are told and dropped, the others of the request arrive", async (t) => {
  const s = await trackStage(t);
  const tracker = s.tracker();
  const good = tracker.track("view");
  const bad = tracker.track("");
  const huge = tracker.track("view", { text: "x".repeat(1_100_000) });
  const circular: Record<string, unknown> = {};
  circular["self"] = circular;
  const never = tracker.track("view", circular);
  await s.advance(60_000);
  assert.deepEqual(await s.arrived(), [good]);
  assert.deepEqual(
    s.dropped.map(({ id, reason }) => [id, reason]).sort(),
    [
      [bad, "rejected"],
      [huge, "too_large"],
      [never, "not_json"],
    ].sort(),
  );
  assert.ok(s.dropped.filter((d) => d.reason === "rejected").every((d) => d.code));
  assert.equal(tracker.stats().waiting, 0);
  await tracker.close();
});

test("a body that is too large is halved; gzip is done without where it is not understood", async (t) => {
  const s = await trackStage(t, { limits: { bodyBytes: 4000, decodedBytes: 20_000 } });
  const tracker = s.tracker({ gzip: undefined });
  const ids = Array.from({ length: 100 }, (_, i) =>
    tracker.track("view", { i, text: "x".repeat(100) }),
  );
  await s.advance(60_000);
  assert.deepEqual(await s.arrived(), ids);
  const other = s.tracker({
    gzip: async () => new Uint8Array([1, 2, 3]),
    fetch: async (url, init) =>
      typeof init?.body === "string" ? s.send(url, init) : fetch(url, init ?? {}),
  });
  const id = other.track("view", { text: "x".repeat(2000) });
  await s.advance(60_000);
  assert.ok((await s.arrived()).includes(id));
  await tracker.close();
  await other.close();
});
