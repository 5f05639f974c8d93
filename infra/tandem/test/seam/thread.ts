// Runs simulations in a thread of its own: the test runner follows every promise of its own thread, which
// would make these several times slower.
import { parentPort, Worker, workerData } from "node:worker_threads";
import { PLANNER_RULES } from "./planner-rules.ts";
import { READER_RULES } from "./reader-rules.ts";
import { type HuntLimits, hunt, rowOf } from "./rule-hunt.ts";
import { DEFAULT_ACTIONS, replay, runSchedule } from "./run-schedule.ts";
import { scheduleOf } from "./schedule.ts";
import { newTally, type Tally } from "./simulation.ts";
import { HELD_BY_POSITION, STORE_RULES } from "./store-rules.ts";

export type Work =
  | { readonly work: "seeds"; readonly seeds: number }
  | { readonly work: "hunt"; readonly rule: string; readonly limits: HuntLimits };

export interface SeedsResult {
  readonly tally: Tally;
  /** The story of the first seed that failed. */
  readonly failure: string | undefined;
}

export interface HuntResult {
  readonly row: string;
  readonly caught: string | undefined;
}

export const inThread = <T>(work: Work): Promise<T> =>
  new Promise((resolve, reject) => {
    const thread = new Worker(new URL(import.meta.url), { workerData: work });
    thread.once("message", resolve);
    thread.once("error", reject);
  });

async function runSeeds(seeds: number): Promise<SeedsResult> {
  const tally = newTally();
  for (let seed = 1; seed <= seeds; seed++) {
    const { violation } = await runSchedule(scheduleOf(seed, DEFAULT_ACTIONS), undefined, tally);
    if (violation) return { tally, failure: await replay(seed, violation) };
  }
  return { tally, failure: undefined };
}

async function runHunt(name: string, limits: HuntLimits): Promise<HuntResult> {
  const rules = [...STORE_RULES, ...HELD_BY_POSITION, ...PLANNER_RULES, ...READER_RULES];
  const rule = rules.find((r) => r.name === name);
  if (!rule) throw new RangeError(`no rule ${name}`);
  const caught = await hunt(rule, limits);
  return { row: rowOf(rule, caught), caught: caught?.violation.message };
}

if (parentPort) {
  const work = workerData as Work;
  parentPort.postMessage(
    work.work === "seeds" ? await runSeeds(work.seeds) : await runHunt(work.rule, work.limits),
  );
}
