// The tracker before a real collector that fails in every way it can: each event arrives, once after ids are
// compared, or is told as dropped with its reason.
import assert from "node:assert/strict";
import * as fs from "node:fs";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { seededRandom, unit } from "@tandem/shared-logic";
import { fileStorage, type Page, type TrackerStorage } from "@tandem/tracker";
import { HOUR, memoryStorage, type Trouble, trackStage } from "./track-stage.ts";

const TROUBLES: readonly Trouble[] = [
  "offline",
  "hang",
  "cut after acceptance",
  "503",
  "429",
  "500",
  "200 of a login page",
  "the log is down",
  "the log takes every other",
];

for (const trouble of TROUBLES) {
  test(`${trouble}: nothing is lost, ids stay, and it is tried less and less often`, async (t) => {
    const s = await trackStage(t);
    const tracker = s.tracker();
    s.is(trouble);
    const ids = Array.from({ length: 40 }, (_, i) => tracker.track("view", { i }));
    await s.advance(HOUR);
    const attempts = s.requests.length;
    assert.ok(attempts >= 2 && attempts < 40, `${attempts} attempts in an hour`);
    s.is("none");
    await s.advance(HOUR);
    assert.deepEqual([...new Set(await s.arrived())], ids);
    const { waiting, accepted, dropped } = tracker.stats();
    assert.deepEqual([waiting, accepted, Object.values(dropped)], [0, 40, [0, 0, 0, 0]]);
    await tracker.close();
  });
}

test("Retry-After is honoured", async (t) => {
  const s = await trackStage(t);
  const tracker = s.tracker();
  s.is("503");
  tracker.track("view");
  await s.advance(5000);
  assert.equal(s.requests.length, 1);
  await s.advance(119_000);
  assert.equal(s.requests.length, 1);
  await s.advance(1000);
  assert.equal(s.requests.length, 2);
  await tracker.close();
});

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

test("72 h offline, restarts among them: each event arrives once or is told as dropped by the cap", async (t) => {
  const s = await trackStage(t);
  const folder = mkdtempSync(join(tmpdir(), "tandem-tracker-"));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const storage = fileStorage(fs, folder);
  const ids: string[] = [];
  const start = () => s.tracker({ storage, maxEvents: 600, leaseMs: HOUR, mostBackOffMs: HOUR });
  let tracker = start();
  s.is("offline");
  for (let hour = 0; hour < 72; hour++) {
    for (let i = 0; i < 10; i++) {
      ids.push(tracker.track("view", { hour }));
      await s.advance(HOUR / 10);
    }
    // Killed: nothing is closed, what was in memory is gone.
    if (hour % 24 === 11) {
      s.kill(tracker);
      tracker = start();
    }
  }
  s.is("none");
  await s.advance(4 * HOUR);
  const arrived = await s.arrived();
  const dropped = s.dropped.filter((d) => d.reason === "queue_full").map((d) => d.id);
  assert.ok(dropped.length >= 100, `${dropped.length} dropped`);
  assert.equal(new Set(arrived).size, ids.length - new Set(dropped).size);
  assert.deepEqual([...new Set([...arrived, ...dropped])].sort(), ids);
  for (const { json } of await s.collector.stored()) {
    const { timestamp, sent_at } = JSON.parse(json);
    assert.ok(sent_at >= timestamp && sent_at - timestamp < 75 * HOUR);
  }
  assert.deepEqual(
    fs.readdirSync(folder).filter((n) => n.includes("event")),
    [],
    "nothing is left behind",
  );
  await tracker.close();
});

for (const seed of [1, 2, 3]) {
  test(`a day of changing troubles and killed trackers, seed ${seed}`, async (t) => {
    const s = await trackStage(t);
    const seeded = seededRandom(seed);
    const random = () => unit(seeded);
    const pick = <T>(from: readonly T[]): T => from[Math.floor(random() * from.length)] as T;
    const storage = memoryStorage();
    const start = () => s.tracker({ storage, random, leaseMs: 60_000 });
    let trackers = [start(), start()];
    const ids: string[] = [];
    for (let step = 0; step < 120; step++) {
      s.is(pick(["none", "none", ...TROUBLES]));
      for (let i = random() * 8; i > 0; i--) ids.push(pick(trackers).track("view", { step }));
      await s.advance(Math.floor(random() * 600_000));
      if (random() < 0.1) {
        const [first, second] = trackers;
        if (first) s.kill(first);
        trackers = [...(second ? [second] : []), start()];
      }
    }
    s.is("none");
    await s.advance(3 * HOUR);
    assert.deepEqual([...new Set(await s.arrived())], ids, `seed ${seed}`);
    assert.deepEqual(s.dropped, []);
    assert.deepEqual(
      [...storage.held.keys()].filter((k) => k.includes("event")),
      [],
    );
    for (const tracker of trackers) await tracker.close();
  });
}

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
