// Drill: the seam simulation over as many seeds as there is time for, from where it stopped last time.
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { parquetCodec } from "@tandem/adapters/parquet";
import { DEFAULT_ACTIONS, replay, runSchedule } from "../test/seam/run-schedule.ts";
import { playScene, SCENES } from "../test/seam/scenes.ts";
import { scheduleOf } from "../test/seam/schedule.ts";
import { newTally } from "../test/seam/simulation.ts";
import type { Drill, DrillOptions } from "./drill.ts";

const REPORT_EVERY = 1000;
const PARQUET_ONE_IN = 50;
const SCENE_ONE_IN = 5;

export const seam: Drill = {
  name: "seam",
  about: "random kills, races and power cuts over the real layers",
  run,
};

async function run({ from, seeds, state, say }: DrillOptions): Promise<boolean> {
  const first = from ?? reached(state) + 1;
  const tally = newTally();
  let failures = 0;
  for (let seed = first; seed < first + seeds; seed++) {
    const codec = seed % PARQUET_ONE_IN === 0 ? parquetCodec : undefined;
    const schedule = scheduleOf(seed, DEFAULT_ACTIONS);
    const { violation } = await runSchedule(schedule, undefined, tally, codec);
    if (violation) {
      failures++;
      say(await replay(seed, violation));
    }
    if (seed % SCENE_ONE_IN === 0) {
      for (const scene of SCENES) {
        const broken = await playScene(scene, seed);
        if (!broken) continue;
        failures++;
        say(`scene "${scene.name}", seed ${seed}: ${broken.message}`);
      }
    }
    if (from === undefined) remember(state, seed);
    if ((seed - first + 1) % REPORT_EVERY === 0)
      say(`seeds ${first} to ${seed}: ${failures} violations, ${tally.steps} steps`);
  }
  say(`seeds ${first} to ${first + seeds - 1}: ${failures} violations, ${tally.steps} steps`);
  say(`points answered: ${JSON.stringify(tally.points)}`);
  return failures === 0;
}

function reached(state: string): number {
  try {
    return Number((JSON.parse(readFileSync(state, "utf8")) as { seed?: number }).seed ?? 0);
  } catch {
    return 0;
  }
}

function remember(state: string, seed: number): void {
  mkdirSync(dirname(state), { recursive: true });
  writeFileSync(state, `${JSON.stringify({ seed })}\n`);
}
