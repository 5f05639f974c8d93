// The tracker before a real collector that fails in every way it can: each event arrives, once after ids are
// compared, or is told as dropped with its reason.
import assert from "node:assert/strict";
import * as fs from "node:fs";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { seededRandom, unit } from "@tandem/shared-logic";
import { fileStorage } from "@tandem/tracker";
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
