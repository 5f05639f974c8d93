// A storage that several trackers share, or that is broken: nothing that waits in it is lost or sent twice.
import assert from "node:assert/strict";
import { test } from "node:test";
import { asyncStorage, type TrackerStorage } from "@tandem/tracker";
import { HOUR, memoryStorage, trackStage } from "./track-stage.ts";

test("several tabs: each sends its own once; what a closed one left is sent by another, once", async (t) => {
  const s = await trackStage(t);
  const storage = memoryStorage();
  const tabs = Array.from({ length: 4 }, () => s.tracker({ storage }));
  const ids = tabs.flatMap((tab) => [tab.track("view"), tab.track("view")]);
  await s.advance(60_000);
  assert.deepEqual(await s.arrived(), ids);
  s.is("offline");
  const left = tabs.flatMap((tab) => [tab.track("late")]);
  await s.advance(1000);
  // One closes in good order, offline; the others go on.
  await tabs[0]?.close();
  s.is("none");
  await s.advance(HOUR);
  assert.deepEqual(await s.arrived(), [...ids, ...left], "none twice, none lost");
  for (const tab of tabs.slice(1)) await tab.close();
});

test("a tab that slept while another sent what it had does not send it again", async (t) => {
  const s = await trackStage(t);
  const storage = memoryStorage();
  let asleep = false;
  const waking: (() => void)[] = [];
  const sleepy = {
    ...s.clock,
    after: (ms: number, run: () => void) =>
      s.clock.after(ms, () => (asleep ? void waking.push(run) : run())),
  };
  const tab = s.tracker({ storage, clock: sleepy });
  const id = tab.track("view");
  asleep = true;
  const other = s.tracker({ storage });
  await s.advance(HOUR);
  assert.deepEqual(await s.arrived(), [id]);
  asleep = false;
  for (const run of waking) run();
  tab.track("more");
  await s.advance(HOUR);
  assert.equal((await s.arrived()).filter((one) => one === id).length, 1);
  assert.equal((await s.arrived()).length, 2);
  await tab.close();
  await other.close();
});

test("React Native's storage: what a killed app left is sent by the next, and nothing stays", async (t) => {
  const s = await trackStage(t);
  const kept = new Map<string, string>();
  const native = {
    getAllKeys: async () => [...kept.keys()],
    getItem: async (key: string) => kept.get(key) ?? null,
    setItem: async (key: string, value: string) => void kept.set(key, value),
    removeItem: async (key: string) => void kept.delete(key),
  };
  const first = s.tracker({ storage: asyncStorage(native) });
  s.is("offline");
  const ids = [first.track("view"), first.track("view")];
  await s.advance(1000);
  s.kill(first);
  s.is("none");
  const next = s.tracker({ storage: asyncStorage(native) });
  await s.advance(HOUR);
  assert.deepEqual(await s.arrived(), ids);
  assert.deepEqual(
    [...kept.keys()].filter((k) => k.includes("event")),
    [],
  );
  await next.close();
});

const never = new Promise<never>(() => undefined);
const BROKEN: Readonly<Record<string, Partial<TrackerStorage>>> = {
  "throws at everything": {
    keys: () => {
      throw new Error("denied");
    },
    get: () => {
      throw new Error("denied");
    },
    set: () => {
      throw new Error("denied");
    },
    remove: () => {
      throw new Error("denied");
    },
  },
  "rejects everything": {
    keys: () => Promise.reject(new Error("no")),
    get: () => Promise.reject(new Error("no")),
    set: () => Promise.reject(new Error("no")),
    remove: () => Promise.reject(new Error("no")),
  },
  "is full": {
    set: () => {
      throw new RangeError("QuotaExceededError");
    },
  },
  hangs: { keys: () => never, get: () => never, set: () => never, remove: () => never },
};

for (const [what, broken] of Object.entries(BROKEN)) {
  test(`a storage that ${what}: events go from memory`, async (t) => {
    const s = await trackStage(t);
    const tracker = s.tracker({ storage: { ...memoryStorage(), ...broken } });
    s.is("offline");
    const ids = Array.from({ length: 5 }, () => tracker.track("view"));
    await s.advance(HOUR);
    s.is("none");
    await s.advance(HOUR);
    assert.deepEqual(await s.arrived(), ids);
    const { unsaved } = tracker.stats();
    assert.equal(unsaved, what === "hangs" ? 0 : 5);
    const closing = tracker.close();
    await s.advance(10_000);
    await closing;
  });
}
