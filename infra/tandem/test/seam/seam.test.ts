// The seam of the real layers under random schedules: thousands of small worlds with kills, zombies, races
// and power cuts, after which every answer must be exact and true. `make drill` runs many more.
import assert from "node:assert/strict";
import { test } from "node:test";
import { parquetCodec } from "@tandem/adapters/parquet";
import { DEFAULT_ACTIONS, runSchedule } from "./run-schedule.ts";
import { SCENES } from "./scenes.ts";
import { scheduleOf } from "./schedule.ts";
import { newTally } from "./simulation.ts";
import { inThread, type SceneResult, type SeedsResult } from "./thread.ts";

const SEEDS = 2000;
const PARQUET_SEEDS = 12;
const PLAYS = 100;

test(`${SEEDS} random schedules keep every promise of the seam`, async (t) => {
  const { tally, failure } = await inThread<SeedsResult>({ work: "seeds", seeds: SEEDS });
  if (failure !== undefined) assert.fail(failure);
  t.diagnostic(`seeds 1 to ${SEEDS}, ${DEFAULT_ACTIONS} actions each, ${tally.steps} steps`);
  t.diagnostic(`points answered: ${JSON.stringify(tally.points)}`);
  for (const [kind, points] of Object.entries(tally.points))
    assert.ok(points > SEEDS / 10, `hardly any point is ${kind}`);
});

test("random schedules over Parquet objects", async () => {
  for (let seed = 1; seed <= PARQUET_SEEDS; seed++) {
    const schedule = scheduleOf(seed, DEFAULT_ACTIONS);
    const { violation } = await runSchedule(schedule, undefined, newTally(), parquetCodec);
    assert.equal(violation?.message, undefined, `seed ${seed}`);
  }
});

for (const scene of SCENES) {
  test(`${PLAYS} orders of ${scene.name}`, async () => {
    const work = { work: "scene", scene: scene.name, plays: PLAYS } as const;
    assert.equal((await inThread<SceneResult>(work)).failure, undefined);
  });
}

test("a schedule is a function of its seed", async () => {
  const seen: string[] = [];
  for (const _ of [1, 2]) {
    const tally = newTally();
    for (let seed = 1; seed <= 5; seed++)
      await runSchedule(scheduleOf(seed, DEFAULT_ACTIONS), undefined, tally);
    seen.push(JSON.stringify(tally));
  }
  assert.equal(seen[0], seen[1]);
});
