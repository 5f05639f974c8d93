// Drill: servers and processes of a whole installation are killed, frozen, emptied and moved about under load,
// in an order that the seed gives. Everything acknowledged is counted exactly once, collectors answer within
// 2.5 s, queries are answered the whole time, and batch equals a plain recount. Each seed leaves a line in a
// ledger beside the drill's place: commit, faults, figures, violations.
import { execFileSync } from "node:child_process";
import { appendFileSync, mkdirSync } from "node:fs";
import { dirname } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { below, type Random, seededRandom } from "@tandem/shared-logic";
import type { Drill, DrillOptions } from "./drill.ts";
import { reached, remember } from "./place.ts";
import { FAULTS, type Fault } from "./real/faults.ts";
import { LoadClient } from "./real/load-client.ts";
import { type Played, playFault, type Scene } from "./real/play-fault.ts";
import { daysRound, QueryClient } from "./real/query-client.ts";
import { RealStage, TENANT } from "./real/real-stage.ts";
import { summaryTable } from "./real/summary-table.ts";

/** A seed is every fault once, about a quarter of an hour. */
const SEEDS = 2;
const EVENTS_PER_SECOND = 200;
const SPREAD_MS = 18 * 3_600_000;
const WARM_MS = 3000;

export const real: Drill = {
  name: "real",
  about: `real servers and processes killed, frozen and emptied under load (${FAULTS.map((f) => f.name).join(", ")})`,
  run,
};

async function run({ from, seeds, state, say, only }: DrillOptions): Promise<boolean> {
  const first = from ?? reached(state) + 1;
  const count = Math.min(seeds, SEEDS);
  let violations = 0;
  for (let seed = first; seed < first + count; seed++) {
    const played = await playSeed(seed, chosenFaults(only), say);
    violations += played.reduce((sum, p) => sum + p.violations.length, 0);
    mkdirSync(dirname(state), { recursive: true });
    const line = { seed, commit: commit(), at: new Date().toISOString(), played };
    appendFileSync(state.replace(/\.json$/, ".ledger.jsonl"), `${JSON.stringify(line)}\n`);
    if (from === undefined) remember(state, seed);
  }
  say(`seeds ${first} to ${first + count - 1}: ${violations} violations`);
  return violations === 0;
}

export function chosenFaults(only: readonly string[]): readonly Fault[] {
  const unknown = only.filter((name) => !FAULTS.some((f) => f.name === name));
  if (unknown.length > 0)
    throw new RangeError(
      `no fault ${unknown.join(", ")}: there are ${FAULTS.map((f) => f.name).join(", ")}`,
    );
  return only.length === 0 ? FAULTS : FAULTS.filter((f) => only.includes(f.name));
}

/** Every fault once, in the seed's order, on one stage. `share`: of their usual length. */
export async function playSeed(
  seed: number,
  faults: readonly Fault[],
  say: (line: string) => void,
  share = 1,
): Promise<Played[]> {
  const random = seededRandom(seed);
  const stage = await RealStage.open(say);
  const played: Played[] = [];
  try {
    const baseMs = Date.now();
    const { key } = stage;
    const load = new LoadClient({
      ports: stage.collectorPorts,
      key,
      tenant: TENANT,
      seed,
      baseMs,
      eventsPerSecond: EVENTS_PER_SECOND,
    });
    const [port = 0] = stage.servingPorts;
    const days = daysRound(baseMs - SPREAD_MS, baseMs);
    const queries = new QueryClient({ port, key, ...days, events: load.events });
    const scene: Scene = { stage, load, queries };
    load.start();
    queries.start();
    await pause(WARM_MS);
    for (const fault of shuffled(faults, random)) {
      say(`seed ${seed}: ${fault.name} …`);
      const one = await playFault(scene, fault, random, share);
      played.push(one);
      say(
        `seed ${seed}: ${fault.name}: answers within ${Math.round(one.slowestAnswerMs)} ms, queries within ${Math.round(one.slowestQueryMs)} ms, ${one.violations.length} violations`,
      );
      for (const what of one.violations) say(`seed ${seed}: ${fault.name}: VIOLATION: ${what}`);
    }
    await queries.stop();
    for (const line of summaryTable(played)) say(line);
  } finally {
    await stage.close(played.some((p) => p.violations.length > 0));
  }
  return played;
}

function shuffled<T>(list: readonly T[], random: Random): T[] {
  const rest = [...list];
  return list.flatMap(() => rest.splice(below(random, rest.length), 1));
}

function commit(): string {
  try {
    return execFileSync("git", ["rev-parse", "--short", "HEAD"], { encoding: "utf8" }).trim();
  } catch {
    return "unknown";
  }
}
