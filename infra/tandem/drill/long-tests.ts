// Drills that are tests made longer: heals of generated edits and logs, and striped runs. A round is one run of
// the tests with seeds of its own; a place of its own is kept for each, so that it goes on where it stopped.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import type { Drill, DrillOptions } from "./drill.ts";
import { reached, remember } from "./place.ts";

interface LongTest {
  readonly file: string;
  readonly env: Readonly<Record<string, string>>;
  /** Seeds that a round takes. */
  readonly seeds: number;
}

/** Rounds at most: `--seeds` counts them, and its default is meant for shorter ones. */
const ROUNDS = 5;

const HEALS: readonly LongTest[] = [
  { file: "heal/plan-and-apply", env: { HEAL_WORLDS: "50" }, seeds: 50 },
  { file: "heal/heal-unit", env: { HEAL_SCHEDULES: "100" }, seeds: 100 },
];
const STRIPED: readonly LongTest[] = [
  { file: "heal/striped", env: { KILLS: "50", PUBLISHES: "500" }, seeds: 1 },
];

export const heal: Drill = {
  name: "heal",
  about: "1,000 edits planned and applied, and 100 healed logs against full runs, a round",
  run: (options) => rounds(HEALS, options),
};

export const striped: Drill = {
  name: "striped",
  about: "4 readers against 500 publishes, the publisher killed 50 times, a round",
  run: (options) => rounds(STRIPED, options),
};

async function rounds(
  tests: readonly LongTest[],
  { from, seeds, state, say }: DrillOptions,
): Promise<boolean> {
  const first = from ?? reached(state) + 1;
  const last = first + Math.min(seeds, ROUNDS) - 1;
  let failures = 0;
  for (let round = first; round <= last; round++) {
    for (const { file, env, seeds: each } of tests) {
      const seed = 1 + (round - 1) * each;
      const { code, output } = await ran(file, { ...env, SEED: String(seed) });
      if (code === 0) {
        // What the test says of itself: its seeds and counts.
        for (const [, said] of output.matchAll(/^(?:ℹ|#) (seeds? .*)$/gm)) say(`${file}: ${said}`);
        continue;
      }
      failures++;
      say(`round ${round}, ${file} with SEED=${seed} ${JSON.stringify(env)} FAILED:\n${output}`);
    }
    if (from === undefined) remember(state, round);
    say(`round ${round} of ${last}: ${failures} failures`);
  }
  return failures === 0;
}

async function ran(
  file: string,
  env: Readonly<Record<string, string>>,
): Promise<{ code: number | null; output: string }> {
  const path = fileURLToPath(new URL(`../test/${file}.test.ts`, import.meta.url));
  const child = spawn(process.execPath, [path], { env: { ...process.env, ...env } });
  let output = "";
  for (const stream of [child.stdout, child.stderr])
    stream.on("data", (bytes) => {
      output = `${output}${String(bytes)}`.slice(-10_000);
    });
  const [code] = (await once(child, "close")) as [number | null];
  return { code, output };
}
