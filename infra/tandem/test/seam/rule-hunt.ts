// Hunts a broken rule: by random schedules, then by the scenes, then by more schedules.
import type { Rule } from "./broken-rule.ts";
import { DEFAULT_ACTIONS, runSchedule } from "./run-schedule.ts";
import { playScene, SCENES } from "./scenes.ts";
import { scheduleOf } from "./schedule.ts";
import type { Violation } from "./violation.ts";

export interface Caught {
  readonly seed: number;
  /** Undefined: by a random schedule. */
  readonly scene: string | undefined;
  readonly violation: Violation;
}

export interface HuntLimits {
  readonly seeds: number;
  readonly plays: number;
  readonly moreSeeds: number;
}

export async function hunt(rule: Rule, limits: HuntLimits): Promise<Caught | undefined> {
  return (
    (await bySchedule(rule, 1, limits.seeds)) ??
    (await byScene(rule, limits.plays)) ??
    (await bySchedule(rule, limits.seeds + 1, limits.moreSeeds))
  );
}

async function bySchedule(rule: Rule, from: number, last: number): Promise<Caught | undefined> {
  for (let seed = from; seed <= last; seed++) {
    const { violation } = await runSchedule(scheduleOf(seed, DEFAULT_ACTIONS), rule);
    if (violation) return { seed, scene: undefined, violation };
  }
  return undefined;
}

async function byScene(rule: Rule, plays: number): Promise<Caught | undefined> {
  for (const scene of SCENES) {
    for (let seed = 1; seed <= plays; seed++) {
      const violation = await playScene(scene, seed, rule);
      if (violation) return { seed, scene: scene.name, violation };
    }
  }
  return undefined;
}

export const rowOf = (rule: Rule, caught: Caught | undefined): string =>
  `| ${rule.name} | ${caught?.violation.invariant ?? "none"} | ${
    caught === undefined
      ? "not seen"
      : caught.scene === undefined
        ? `schedule, seed ${caught.seed}`
        : `scene "${caught.scene}", seed ${caught.seed}`
  } |`;
