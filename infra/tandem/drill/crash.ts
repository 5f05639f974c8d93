// Drill: kill -9 of everything, at least 500 times by default, over growing directories; every directory is
// then held against a plain recount of its log. A directory that fails is kept.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { crashDirectory } from "../test/crash/crash-run.ts";
import { verifyDirectory } from "../test/crash/verify-directory.ts";
import type { Drill, DrillOptions } from "./drill.ts";
import { reached, remember } from "./place.ts";

const DIRECTORIES = 20;
const AT_ONCE = 2;

export const crash: Drill = {
  name: "crash",
  about: "the whole process killed at random moments, 500 times and more",
  run,
};

/** Few long-lived directories among many young ones: 27 kills on average. */
const killsOf = (seed: number): number => [8, 16, 32, 52][seed % 4] ?? 8;

async function run({ from, seeds, state, say }: DrillOptions): Promise<boolean> {
  const first = from ?? reached(state) + 1;
  const count = Math.min(seeds, DIRECTORIES);
  let next = first;
  let failures = 0;
  let kills = 0;
  const worker = async (): Promise<void> => {
    for (let seed = next++; seed < first + count; seed = next++) {
      const folder = mkdtempSync(join(tmpdir(), `tandem-drill-${seed}-`));
      const dir = join(folder, "data");
      try {
        const { acknowledged, did } = await crashDirectory(dir, killsOf(seed), seed);
        const verified = await verifyDirectory(dir, acknowledged);
        kills += killsOf(seed);
        say(`seed ${seed}: ${killsOf(seed)} kills, ${JSON.stringify({ did, ...verified })}`);
        rmSync(folder, { recursive: true });
      } catch (error) {
        failures++;
        say(`seed ${seed} FAILED, ${dir} is kept: ${String(error)}`);
      }
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  if (from === undefined) remember(state, first + count - 1);
  say(`seeds ${first} to ${first + count - 1}: ${kills} kills, ${failures} directories failed`);
  return failures === 0;
}
