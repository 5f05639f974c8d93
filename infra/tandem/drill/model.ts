// Drill: the model over every interleaving of four operations behind each beginning, and over long ones by seed:
// more than 100,000 cases, about a minute of CPU.
import { BEGINNINGS, exhaust, nothingExplored, sample, story } from "../test/model/explore.ts";
import type { Drill, DrillOptions } from "./drill.ts";
import { reached, remember } from "./place.ts";

const LENGTH = 4;
const SEEDS = 3000;

export const model: Drill = {
  name: "model",
  about:
    "batch ok, late, failed, rerun, rolled back, partial in every order: 100,000 cases a round",
  run,
};

async function run({ from, seeds, state, say }: DrillOptions): Promise<boolean> {
  const found = nothingExplored();
  for (const beginning of BEGINNINGS) {
    if (found.violation) break;
    const before = found.cases;
    await exhaust(beginning, LENGTH, found);
    say(
      `behind [${beginning.join(" ")}]: ${found.cases - before} interleavings of up to ${LENGTH}`,
    );
  }
  if (found.violation) say(await story(found.violation));
  const first = from ?? reached(state) + 1;
  const last = first + Math.min(seeds, SEEDS) - 1;
  let seed = first;
  for (; seed <= last && !found.violation; seed++) {
    await sample(seed, found);
    if (found.violation) say(await story(found.violation, seed));
    else if (from === undefined) remember(state, seed);
  }
  const violations = found.violation ? 1 : 0;
  say(`seeds ${first} to ${seed - 1}: ${found.cases} cases in all, ${violations} violations`);
  say(`asked: ${JSON.stringify(found.asked)}`);
  return violations === 0;
}
