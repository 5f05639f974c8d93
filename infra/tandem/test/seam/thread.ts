// Runs simulations in one thread of their own: the test runner follows every promise of its own thread, which
// would make these several times slower, and each further thread would have to warm up anew.
import { parentPort, Worker } from "node:worker_threads";
import { PLANNER_RULES } from "./planner-rules.ts";
import { READER_RULES } from "./reader-rules.ts";
import { type HuntRound, hunt, rowOf } from "./rule-hunt.ts";
import { DEFAULT_ACTIONS, replay, runSchedule } from "./run-schedule.ts";
import { playScene, SCENES } from "./scenes.ts";
import { scheduleOf } from "./schedule.ts";
import { newTally, type Tally } from "./simulation.ts";
import { HELD_BY_POSITION, STORE_RULES } from "./store-rules.ts";

export type Work =
  | { readonly work: "seeds"; readonly seeds: number }
  | { readonly work: "scene"; readonly scene: string; readonly plays: number }
  | { readonly work: "hunt"; readonly rule: string; readonly rounds: readonly HuntRound[] };

export interface SeedsResult {
  readonly tally: Tally;
  /** The story of the first seed that failed. */
  readonly failure: string | undefined;
}

export interface HuntResult {
  readonly row: string;
  readonly caught: string | undefined;
}

export interface SceneResult {
  readonly failure: string | undefined;
}

let thread: Worker | undefined;
let last: Promise<unknown> = Promise.resolve();

/** One piece of work after the other. Rejects with what the work threw. */
export function inThread<T>(work: Work): Promise<T> {
  const result = last.then(() => ask<T>(work));
  last = result.catch(() => undefined);
  return result;
}

function ask<T>(work: Work): Promise<T> {
  thread ??= new Worker(new URL(import.meta.url));
  const own = thread;
  own.ref();
  return new Promise<T>((resolve, reject) => {
    const failed = (error: unknown): void => {
      thread = undefined;
      reject(error);
    };
    own.once("error", failed);
    own.once("message", (answer: T) => {
      own.off("error", failed);
      // An idle thread does not hold the process.
      own.unref();
      resolve(answer);
    });
    own.postMessage(work);
  });
}

async function runSeeds(seeds: number): Promise<SeedsResult> {
  const tally = newTally();
  for (let seed = 1; seed <= seeds; seed++) {
    const { violation } = await runSchedule(scheduleOf(seed, DEFAULT_ACTIONS), undefined, tally);
    if (violation) return { tally, failure: await replay(seed, violation) };
  }
  return { tally, failure: undefined };
}

async function runHunt(name: string, rounds: readonly HuntRound[]): Promise<HuntResult> {
  const rules = [...STORE_RULES, ...HELD_BY_POSITION, ...PLANNER_RULES, ...READER_RULES];
  const rule = rules.find((r) => r.name === name);
  if (!rule) throw new RangeError(`no rule ${name}`);
  const caught = await hunt(rule, rounds);
  return { row: rowOf(rule, caught), caught: caught?.violation.message };
}

async function runScene(name: string, plays: number): Promise<SceneResult> {
  const scene = SCENES.find((s) => s.name === name);
  if (!scene) throw new RangeError(`no scene ${name}`);
  for (let seed = 1; seed <= plays; seed++) {
    const violation = await playScene(scene, seed);
    if (violation) return { failure: `seed ${seed}: ${violation.message}` };
  }
  return { failure: undefined };
}

function run(work: Work): Promise<unknown> {
  if (work.work === "seeds") return runSeeds(work.seeds);
  if (work.work === "scene") return runScene(work.scene, work.plays);
  return runHunt(work.rule, work.rounds);
}

const port = parentPort;
port?.on("message", async (work: Work) => port.postMessage(await run(work)));
