// One fault on the stage, under load and questions: what was answered meanwhile, how long it took until
// all that was sent was counted, once, and whether batch then says the same as a plain recount.
import { monitorEventLoopDelay } from "node:perf_hooks";
import { setTimeout as pause } from "node:timers/promises";
import type { Random } from "@tandem/shared-logic";
import { compareBatch, compareSpeed } from "./compare.ts";
import type { Fault } from "./faults.ts";
import type { LoadClient } from "./load-client.ts";
import type { QueryClient } from "./query-client.ts";
import type { RealStage } from "./real-stage.ts";

export interface Played {
  readonly fault: string;
  readonly slowestAnswerMs: number;
  readonly unavailable: number;
  readonly slowestQueryMs: number;
  readonly stale: number;
  readonly degraded: readonly string[];
  /** From the repair until everything sent was acknowledged and shown; undefined where it never was. */
  readonly caughtUpMs: number | undefined;
  readonly events: number;
  readonly values: number;
  readonly violations: readonly string[];
}

export interface Scene {
  readonly stage: RealStage;
  readonly load: LoadClient;
  readonly queries: QueryClient;
}

/** A collector answers within this, whatever happens behind it. */
const ANSWER_MS = 2500;
const BEFORE_MS = 2000;
const CATCH_UP_MS = 90_000;
const LOOK_MS = 200;
/** After everything is counted, nothing is counted again. */
const STAYS_MS = 1500;

export async function playFault(
  scene: Scene,
  fault: Fault,
  random: Random,
  share = 1,
): Promise<Played> {
  const { stage, load, queries } = scene;
  const violations: string[] = [];
  const answers = load.begin();
  const held = monitorEventLoopDelay({ resolution: 20 });
  held.enable();
  queries.begin();
  load.start();
  await queries.warm();
  await pause(BEFORE_MS);
  const batch = batchMeanwhile(stage, fault);
  await fault.run(stage, random, share);
  const { stale, times, degraded } = queries;
  const codes = [...degraded].sort();
  const repaired = performance.now();
  violations.push(...(await restartFallen(stage)));
  if (!(await load.settle(CATCH_UP_MS)))
    violations.push(`${load.pending} events are not acknowledged`);
  const caughtUpMs = await caughtUp(scene, repaired, violations);
  violations.push(...(await batch));
  await queries.stop();
  const counted = await runBatch(scene, violations);
  queries.start();
  held.disable();
  // Where the machine kept even this process waiting, its clock shows that too.
  const heldMs = held.max / 1e6;
  if (answers.slowestMs > ANSWER_MS + heldMs)
    violations.push(
      `a collector answered after ${Math.round(answers.slowestMs)} ms, the drill was held up for ${Math.round(heldMs)} ms at most`,
    );
  violations.push(...answers.problems.map((p) => `collector: ${p}`));
  violations.push(...times.problems.map((p) => `query: ${p}`));
  if (fault.away !== "collectors" && answers.of("away") > 0)
    violations.push(`${answers.of("away")} requests broke off at a collector`);
  if (fault.away !== "serving" && times.of("away") > 0)
    violations.push(`${times.of("away")} queries broke off`);
  if (fault.fillsSpool && share === 1 && answers.of("503") === 0)
    violations.push("a full spool was not answered by 503");
  if (fault.stale && stale === 0) violations.push("no answer said stale_since");
  return {
    fault: fault.name,
    slowestAnswerMs: answers.slowestMs,
    unavailable: answers.of("503"),
    slowestQueryMs: times.slowestMs,
    stale,
    degraded: codes,
    caughtUpMs,
    events: load.events.length,
    values: counted,
    violations,
  };
}

/** What was wrong with a run that goes through the fault. */
async function batchMeanwhile(stage: RealStage, fault: Fault): Promise<string[]> {
  const { code, text } = await stage.tryTandem("batch", "run", "--include-open");
  if (code === 0) return [];
  const said = text.trim().slice(-500);
  // Whoever runs it reads a line about the world, not a stack.
  if (!fault.breaksBatch || /^\s+at /m.test(text)) return [`batch meanwhile: ${code}: ${said}`];
  return [];
}

/** A process that nobody killed should be there; it is started again so that the drill can go on. */
async function restartFallen(stage: RealStage): Promise<string[]> {
  const fallen = await stage.fallen();
  await stage.start();
  return fallen.map((name) => `${name} ended by itself: ${stage.logOf(name)}`);
}

async function caughtUp(
  { load, queries }: Scene,
  since: number,
  violations: string[],
): Promise<number | undefined> {
  const ask = queries.ask.bind(queries);
  const until = performance.now() + CATCH_UP_MS;
  let wrong: string[] = [];
  while (performance.now() < until) {
    wrong = await compareSpeed(ask, load.events);
    if (wrong.length === 0) {
      const tookMs = performance.now() - since;
      await pause(STAYS_MS);
      violations.push(...(await compareSpeed(ask, load.events)).map((w) => `did not stay: ${w}`));
      return tookMs;
    }
    await pause(LOOK_MS);
  }
  violations.push(...wrong.map((w) => `did not catch up: ${w}`));
  return undefined;
}

/** How many values were compared. */
async function runBatch({ stage, load, queries }: Scene, violations: string[]): Promise<number> {
  const ran = await stage.tryTandem("batch", "run", "--include-open");
  if (ran.code !== 0) violations.push(`batch run: ${ran.code}: ${ran.text.slice(-300)}`);
  const { values, wrong } = await compareBatch(queries.ask.bind(queries), load.events);
  violations.push(...wrong.slice(0, 10).map((w) => `batch: ${w}`));
  return values;
}
