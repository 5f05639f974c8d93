// The tracker in a page: hidden in the middle of a send, gone for good, and told that the network is back.
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Page } from "@tandem/tracker";
import { HOUR, memoryStorage, trackStage } from "./track-stage.ts";

test("a page hidden in the middle of a send: all of it goes out with keepalive, under the same ids", async (t) => {
  const s = await trackStage(t);
  let hide: (final: boolean) => void = () => undefined;
  const page: Page = (hidden) => {
    hide = hidden;
    return () => undefined;
  };
  const storage = memoryStorage();
  const tracker = s.tracker({ page, storage });
  const ids = [tracker.track("a"), tracker.track("b")];
  s.is("hang");
  await s.advance(5000);
  ids.push(tracker.track("c"));
  s.is("none");
  hide(true);
  assert.deepEqual(
    s.requests.map((r) => [r.texts.length, r.keepalive]),
    [
      [2, false],
      [3, true],
    ],
    "out before the page's script ends",
  );
  // The page is gone, the keepalive request alone lives on; the next page finds what it did not hear of.
  s.kill(tracker);
  s.kill(tracker);
  const next = s.tracker({ storage });
  await s.advance(HOUR);
  assert.deepEqual([...new Set(await s.arrived())], ids);
  await next.close();
});

test("what is beyond a keepalive request's size stays for the next page", async (t) => {
  const s = await trackStage(t);
  let hide: (final: boolean) => void = () => undefined;
  const storage = memoryStorage();
  const tracker = s.tracker({
    storage,
    flushCount: 1000,
    page: (hidden) => {
      hide = hidden;
      return () => undefined;
    },
  });
  const ids = Array.from({ length: 100 }, (_, i) =>
    tracker.track("view", { i, text: "ä".repeat(500) }),
  );
  hide(true);
  const [request] = s.requests;
  const size = Buffer.byteLength(request?.texts.join("\n") ?? "");
  assert.ok(size > 40_000 && size < 64 * 1024, `${size} bytes`);
  s.kill(tracker);
  const next = s.tracker({ storage });
  await s.advance(HOUR);
  assert.deepEqual([...new Set(await s.arrived())], ids);
  await next.close();
});

test("the network is back: waiting ends at once", async (t) => {
  const s = await trackStage(t);
  let online = (): void => undefined;
  const tracker = s.tracker({
    page: (_, back) => {
      online = back;
      return () => undefined;
    },
  });
  s.is("offline");
  const id = tracker.track("view");
  await s.advance(5 * HOUR);
  s.is("none");
  online();
  await s.settle();
  assert.deepEqual(await s.arrived(), [id]);
  await tracker.close();
});
