// Hunts a broken rule in rounds that widen: a few random schedules, a few orders of each scene, then more of
// both. Most rules are seen early by one of the two, but not all by the same.
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

/** Random schedules, and orders of each scene, up to these seeds. */
export interface HuntRound {
  readonly seeds: number;
  readonly plays: number;
}

export async function hunt(rule: Rule, rounds: readonly HuntRound[]): Promise<Caught | undefined> {
  let done: HuntRound = { seeds: 0, plays: 0 };
  for (const round of rounds) {
    const caught =
      (await bySchedule(rule, done.seeds + 1, round.seeds)) ??
      (await byScene(rule, done.plays + 1, round.plays));
    if (caught) return caught;
    done = round;
  }
  return undefined;
}

async function bySchedule(rule: Rule, from: number, last: number): Promise<Caught | undefined> {
  for (let seed = from; seed <= last; seed++) {
    const { violation } = await runSchedule(scheduleOf(seed, DEFAULT_ACTIONS), rule);
    if (violation) return { seed, scene: undefined, violation };
  }
  return undefined;
}

async function byScene(rule: Rule, from: number, last: number): Promise<Caught | undefined> {
  for (const scene of SCENES) {
    for (let seed = from; seed <= last; seed++) {
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
