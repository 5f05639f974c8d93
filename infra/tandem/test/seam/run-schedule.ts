// Runs schedules, makes failing ones small, and tells their story.
import type { ArchiveCodec } from "@tandem/shared-logic";
import type { Rule } from "./broken-rule.ts";
import { type Schedule, scheduleOf } from "./schedule.ts";
import { newTally, Simulation, type Tally } from "./simulation.ts";
import { PARTITIONS } from "./told-log.ts";
import { Violation } from "./violation.ts";
import { DATASET } from "./world.ts";

export const DEFAULT_ACTIONS = 300;

export interface Outcome {
  readonly violation: Violation | undefined;
  readonly tally: Tally;
}

export async function runSchedule(
  { setting, actions }: Schedule,
  rule?: Rule,
  tally: Tally = newTally(),
  codec?: ArchiveCodec,
): Promise<Outcome> {
  const simulation = new Simulation(setting, rule, tally, codec);
  try {
    await simulation.begin();
    for (const action of actions) await simulation.step(action);
    await simulation.settle();
  } catch (error) {
    if (!(error instanceof Violation)) throw error;
    return { violation: error, tally };
  }
  return { violation: undefined, tally };
}

/** Fewer actions that break the same invariant: parts are left out, halves first, while it still breaks. */
export async function shrink(
  schedule: Schedule,
  invariant: string,
  rule?: Rule,
): Promise<Schedule> {
  const { setting } = schedule;
  let { actions } = schedule;
  for (let size = actions.length >> 1; size > 0; ) {
    let smaller = false;
    for (let i = 0; i + size <= actions.length; ) {
      const rest = [...actions.slice(0, i), ...actions.slice(i + size)];
      const { violation } = await runSchedule({ setting, actions: rest }, rule);
      if (violation?.invariant === invariant) {
        actions = rest;
        smaller = true;
      } else i += size;
    }
    if (!smaller) size >>= 1;
  }
  return { setting, actions };
}

/** What to type to see a seed again, and the shortest schedule found that still breaks. */
export async function replay(seed: number, violation: Violation): Promise<string> {
  const small = await shrink(scheduleOf(seed, DEFAULT_ACTIONS), violation.invariant);
  return [
    `seed ${seed}: ${violation.message}`,
    `again: node infra/tandem/drill/main.ts seam --from ${seed} --seeds 1`,
    ...(await story(small)),
  ].join("\n");
}

/** A schedule told step by step: who went on, and how far log and positions are. */
export async function story({ setting, actions }: Schedule, rule?: Rule): Promise<string[]> {
  const { metrics, ...rest } = setting;
  const told = { ...rest, metrics: metrics.map((m) => m.name) };
  const lines = [`${actions.length} actions, setting ${JSON.stringify(told)}`];
  const simulation = new Simulation(setting, rule);
  const { world } = simulation;
  try {
    await simulation.begin();
    for (const action of actions) {
      await simulation.step(action);
      const at = await world.views.positions(DATASET, PARTITIONS);
      const ends = world.told.map((log, p) => `p${p} ${at[p]?.to ?? "-"}/${log.length}`).join(" ");
      lines.push(`  ${action.who.padEnd(7)} ${String(action.r).padEnd(8)} position/end ${ends}`);
    }
    await simulation.settle();
  } catch (error) {
    if (!(error instanceof Violation)) throw error;
    lines.push(`  => ${error.message}`);
  }
  return lines;
}
