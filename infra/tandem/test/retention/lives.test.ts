// Generated lives of a dataset: late records, heals, rollbacks, plans that nobody applies, days going by, and passes of
// retention among them. No pass changes what is answered now, or as of any moment of the last seven days; what was
// listed for a rollback within them stays; no late record is gone; planning again finds nothing. In every second life
// all events are of a type that is downsampled.
import assert from "node:assert/strict";
import { test } from "node:test";
import { RETENTION_RULES, type RetentionRules } from "@tandem/batch-layer";
import {
  below,
  coldKey,
  DAY_MS,
  type DayRow,
  type EpochMs,
  formatInstant,
  HOUR_MS,
  type Random,
  readManifest,
  seededRandom,
} from "@tandem/shared-logic";
import { fsck } from "../fsck/fsck-stage.ts";
import { Healer } from "../heal/heal-stage.ts";
import { DATASET, dayNamed, type Stage } from "../stories/stage.ts";
import { DAYS, later, retentionOf, sealedStage, shown } from "./retention-stage.ts";

const LIVES = Number(process.env["TANDEM_RETENTION_LIVES"] ?? 8);
/** A late record of an old day, downsampled when the day was old enough to be given up. */
const OLD_BUT_NEW = 15;
const STEPS = 14;
const one = <T>(random: Random, items: readonly T[]): T => items[below(random, items.length)] as T;

/** Moments of the last days: answers as of them must stay. */
const moments = (random: Random, stage: Stage): string[] =>
  Array.from({ length: 3 }, () => {
    const agoMs = below(random, RETENTION_RULES.runDays * DAY_MS - HOUR_MS);
    return formatInstant((stage.clock.now() - agoMs) as EpochMs);
  });

async function answers(stage: Stage, asOf: readonly string[]): Promise<object[]> {
  const told = [await shown(stage, DAYS), await shown(stage, DAYS, { grain: "hour" })];
  for (const at of asOf) told.push(await shown(stage, DAYS, { asOf: at }));
  return told;
}

/** Runs shown at or after `sinceMs`, by day. */
function lately({ flips = [], selectable, entries }: DayRow, sinceMs: number): string[] {
  const kept = new Set(Object.values(entries).map((e) => e.run));
  for (const fp of Object.keys(selectable) as (keyof typeof selectable)[]) {
    const own = flips.filter((f) => f.runs[fp] !== undefined);
    for (const [i, flip] of own.entries())
      if ((own[i + 1]?.at ?? Number.POSITIVE_INFINITY) > sinceMs) kept.add(flip.runs[fp] ?? "");
  }
  const listed = new Set(Object.values(selectable).flatMap((refs) => refs.map((r) => r.run)));
  return [...kept].filter((run) => listed.has(run)).sort();
}

async function pass(stage: Stage, random: Random, rules: Partial<RetentionRules>): Promise<number> {
  const asOf = moments(random, stage);
  const before = await answers(stage, asOf);
  const sinceMs = stage.clock.now() - RETENTION_RULES.runDays * DAY_MS;
  const rows = await Promise.all(DAYS.map((day) => stage.ledger(day)));
  const held = rows.map((row) => lately(row, sinceMs));
  const retention = retentionOf(stage, rules);
  const { done, passed } = await retention.apply();
  assert.deepEqual(passed, []);
  assert.deepEqual((await retention.plan()).actions, []);
  assert.deepEqual(await answers(stage, asOf), before);
  for (const [i, day] of DAYS.entries()) {
    const row = await stage.ledger(day);
    const listed = new Set(Object.values(row.selectable).flatMap((refs) => refs.map((r) => r.run)));
    for (const run of held[i] ?? []) assert.ok(listed.has(run), `${run} was taken off the list`);
    await keepsWhatIsLate(stage, day, row);
  }
  return done.length;
}

/** Records above the run of a day are there for its heal. */
async function keepsWhatIsLate(stage: Stage, day: string, row: DayRow): Promise<void> {
  const entries = await readManifest(stage.ports.objects, DATASET, 0, 0);
  const { objects } = stage.ports;
  for (const { fingerprint } of stage.metrics)
    for (const e of entries) {
      if (e.from < (row.entries[fingerprint]?.v[0] ?? 0) || !e.days[dayNamed(day)]) continue;
      const there = (await objects.get(e.object)) ?? (await objects.get(coldKey(e.object)));
      assert.ok(there, `${e.object} is gone, which ${day} needs`);
    }
}

test("lives", async (t) => {
  let [passes, actions] = [0, 0];
  for (const seed of [...Array.from({ length: LIVES }, (_, i) => i + 1), OLD_BUT_NEW]) {
    const random = seededRandom(seed);
    const stage = await sealedStage();
    const healer = new Healer(stage, stage.metrics);
    const told: string[] = [];
    // Hours are asked for, whatever the age of the day.
    const rules = { hourDays: 36_500, ...(seed % 2 ? { downsampleTypes: ["page_view"] } : {}) };
    try {
      for (let step = 0; step < STEPS; step++) {
        const day = one(random, DAYS);
        const does = one(random, [
          "late",
          "heal",
          "plan",
          "rollback",
          "unpin",
          "days",
          "pass",
          "pass",
        ]);
        told.push(`${does} ${day}`);
        if (does === "late") {
          await stage.send({ id: `l${step}`, at: `${day}T1${below(random, 10)}:30:00Z`, price: 1 });
          await stage.fold();
        } else if (does === "heal") {
          const plan = await healer.plan(day);
          if (plan.run !== undefined && !plan.pinned) await healer.apply(plan);
        } else if (does === "plan") await healer.plan(day);
        else if (does === "rollback") await healer.heals.rollback(dayNamed(day), { by: "eva" });
        else if (does === "unpin") await healer.heals.unpin(dayNamed(day), { by: "eva" });
        else if (does === "days") await later(stage, one(random, [0.5, 3, 8, 40, 100, 300]));
        else {
          actions += await pass(stage, random, rules);
          passes++;
        }
        await stage.fold();
      }
      assert.deepEqual((await fsck(stage)).left, []);
    } catch (error) {
      throw new Error(`seed ${seed}: ${told.join(", ")}`, { cause: error });
    }
  }
  assert.ok(actions > LIVES, `${actions} actions`);
  t.diagnostic(`seeds 1 to ${LIVES}: ${passes} passes, ${actions} actions`);
});
