// A schedule is a seed's choice of settings and of who goes on, step by step. Each seed has its own
// weights, so that some are crowded with readers and others with kills (swarm testing).

import type { Metric } from "@tandem/shared-logic";
import { below, type Random, seededRandom, unit } from "@tandem/shared-logic";
import { added, events, SEAM_METRICS, tally, users, visits } from "./seam-metrics.ts";
import { DAYS } from "./told-log.ts";

export const PARTIES = ["w0a", "w0b", "w1a", "w1b", "a0", "a1", "p0", "p1", "r0", "r1"] as const;
export type Party = (typeof PARTIES)[number];
export type Who = Party | "produce" | "kill" | "power";

export interface Action {
  readonly who: Who;
  readonly r: number;
}

export interface Setting {
  readonly atomic: boolean;
  /** Settling starts with workers from their checkpoints. */
  readonly fresh: boolean;
  readonly shortFilter: boolean;
  /** Bytes a worker reads at once: one record, or all there are. */
  readonly readBytes: number;
  /** What planners and readers care about. */
  readonly metrics: readonly Metric[];
  readonly days: readonly number[];
}

export interface Schedule {
  readonly setting: Setting;
  readonly actions: readonly Action[];
}

const WEIGHTS: Readonly<Record<Who, number>> = {
  produce: 8,
  w0a: 10,
  w0b: 5,
  w1a: 10,
  w1b: 5,
  a0: 10,
  a1: 10,
  p0: 22,
  p1: 10,
  r0: 10,
  r1: 5,
  kill: 1,
  power: 0.3,
};
const METRICS: readonly (readonly Metric[])[] = [
  [tally, added],
  [added],
  [visits],
  [visits],
  [visits, events],
  [users, added],
  SEAM_METRICS,
];
const DAY_CHOICES = [[0], [0, 1], [1], [0, 1, 2]];
const FACTORS = [0.1, 0.5, 2, 4];

const pick = <T>(random: Random, list: readonly T[]): T => list[below(random, list.length)] as T;

export function scheduleOf(seed: number, length: number): Schedule {
  const random = seededRandom(seed);
  const weights = Object.entries(WEIGHTS).map(([who, weight]) => ({
    who: who as Who,
    weight: below(random, 4) === 0 ? weight * pick(random, FACTORS) : weight,
  }));
  const setting: Setting = {
    atomic: below(random, 3) === 0,
    fresh: below(random, 2) === 0,
    shortFilter: below(random, 4) === 0,
    readBytes: below(random, 4) === 0 ? 1 << 16 : 1,
    metrics: pick(random, METRICS),
    days: pick(random, DAY_CHOICES).map((d) => DAYS[d] ?? 0),
  };
  const total = weights.reduce((sum, w) => sum + w.weight, 0);
  const actions = Array.from({ length }, (): Action => {
    let at = unit(random) * total;
    const drawn = weights.find(({ weight }) => {
      at -= weight;
      return at < 0;
    });
    return { who: drawn?.who ?? "produce", r: random.u32() >>> 12 };
  });
  return { setting, actions };
}
