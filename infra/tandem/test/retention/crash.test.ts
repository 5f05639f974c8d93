// A pass of retention that is killed before any of its writes: answers stay as they were, the next pass finishes it, and
// the stores end up as after a pass that nobody killed.
import assert from "node:assert/strict";
import { test } from "node:test";
import { HOUR_MS, type ObjectStore, type ViewStore } from "@tandem/shared-logic";
import { fsck } from "../fsck/fsck-stage.ts";
import { Healer } from "../heal/heal-stage.ts";
import { changed } from "../seam/port-wrappers.ts";
import type { Stage } from "../stories/stage.ts";
import { DAYS, later, retentionOf, type Seen, sealedStage, shown } from "./retention-stage.ts";

const [DAY = ""] = DAYS;

/** Of each pass; every write where it has fewer. */
const KILLS = Number(process.env["TANDEM_RETENTION_KILLS"] ?? 6);

class Killed extends Error {}

/** The stores of a process that dies before its `at`th write. */
function dying(stage: Stage, at: number): Seen & { readonly writes: () => number } {
  let writes = 0;
  const step = (): void => {
    if (writes++ >= at) throw new Killed();
  };
  const { views, objects } = stage.ports;
  const before = <A extends unknown[], R>(call: (...args: A) => Promise<R>) => {
    return async (...args: A): Promise<R> => {
      step();
      return call(...args);
    };
  };
  const watchedViews: ViewStore = changed(views, {
    cas: before((...a: Parameters<ViewStore["cas"]>) => views.cas(...a)),
    writeRun: before((...a: Parameters<ViewStore["writeRun"]>) => views.writeRun(...a)),
    removeRun: before((...a: Parameters<ViewStore["removeRun"]>) => views.removeRun(...a)),
    dropSpeed: before((...a: Parameters<ViewStore["dropSpeed"]>) => views.dropSpeed(...a)),
  });
  const watchedObjects: ObjectStore = changed<ObjectStore>(objects, {
    putIfAbsent: before((...a: Parameters<ObjectStore["putIfAbsent"]>) =>
      objects.putIfAbsent(...a),
    ),
    remove: before((...a: Parameters<ObjectStore["remove"]>) => objects.remove(...a)),
  });
  return { views: watchedViews, objects: watchedObjects, writes: () => writes };
}

async function keysOf(stage: Stage): Promise<string[]> {
  const keys: string[] = [];
  for await (const { key } of stage.ports.objects.list("")) keys.push(key);
  return keys;
}

/** Three days, one of them healed, and a heal that was planned alone; then so many days pass. */
async function history(days: number): Promise<Stage> {
  const stage = await sealedStage();
  const healer = new Healer(stage, stage.metrics);
  await stage.send({ id: "late", at: `${DAY}T10:30:00Z` });
  await healer.heal(DAY);
  await stage.send({ id: "later", at: `${DAY}T10:31:00Z` });
  await healer.plan(DAY);
  await stage.fold();
  await retentionOf(stage).apply();
  await later(stage, 8);
  // Makes what is planned above a part of the day.
  await healer.heal(DAY);
  await stage.fold();
  await later(stage, days);
  return stage;
}

for (const [what, days, rules] of [
  ["runs and speed rows", 9, {}],
  ["objects that are downsampled", 9, { downsampleTypes: ["page_view"] }],
  ["minutes, hot objects, told changes", 100, {}],
  ["objects", 400, {}],
  ["hours, samples", 800, { downsampleTypes: ["page_view"] }],
] as const)
  test(`killed before any of its writes: ${what}`, async () => {
    const whole = await history(days);
    const count = dying(whole, Number.POSITIVE_INFINITY);
    await retentionOf(whole, rules, count).apply();
    await whole.clock.advance(HOUR_MS);
    await retentionOf(whole, rules).apply();
    const expected = await keysOf(whole);
    const answers = await shown(whole, DAYS);
    assert.ok(count.writes() > 10, `${count.writes()} writes`);
    const every = Math.max(1, Math.floor(count.writes() / KILLS));
    for (let at = 0; at < count.writes(); at += every) {
      const stage = await history(days);
      await assert.rejects(retentionOf(stage, rules, dying(stage, at)).apply(), Killed);
      assert.deepEqual(await shown(stage, DAYS), answers, `killed at ${at}`);
      assert.deepEqual((await fsck(stage)).left, [], `killed at ${at}`);
      await retentionOf(stage, rules).apply();
      await stage.clock.advance(HOUR_MS);
      await retentionOf(stage, rules).apply();
      assert.deepEqual((await retentionOf(stage, rules).plan()).actions, [], `killed at ${at}`);
      assert.deepEqual(await keysOf(stage), expected, `killed at ${at}`);
      assert.deepEqual(await shown(stage, DAYS), answers, `killed at ${at}`);
    }
  });
