// A goal's figure as it is kept in bench/results.json.
import type { Figure } from "./figure.ts";
import { GOALS, type Goal, type GoalKey, type Measured } from "./goals.ts";
import { median } from "./rounds.ts";

export interface Taken {
  readonly ours: number;
  readonly peer?: number;
  /** Ratios by round; at least one. */
  readonly runs: readonly number[];
}

/** The row's figure for a goal. `note` goes behind the ratio. */
export function goalFigure(row: string, key: GoalKey, taken: Taken, note = ""): Figure {
  const goal: Goal = GOALS[key];
  const measured = measuredOf(goal, taken);
  const { ratio, ok, ours, peer } = measured;
  const unit = peer === null ? "" : " x";
  const against = peer === null ? "" : ` (${short(ours)} against ${short(peer)})`;
  return {
    row,
    what: `${goal.id} ${goal.measure}`,
    goal: `${goal.least ? "<=" : ">="} ${goal.must}${unit}, aim ${goal.aim}`,
    figure: `${short(ratio)}${unit}${against}${note === "" ? "" : `; ${note}`}`,
    met: ok,
    measured,
  };
}

const short = (x: number): string =>
  Math.abs(x) >= 1000 ? Math.round(x).toLocaleString("en-US") : String(Number(x.toPrecision(3)));

function measuredOf({ id, measure, must, aim, least }: Goal, taken: Taken): Measured {
  const { ours, peer, runs } = taken;
  const ratio = median(runs);
  const ok = least ? ratio <= must : ratio >= must;
  return { id, measure, ours, peer: peer ?? null, ratio, must, aim, ok, runs };
}

/** Those of `now` in place of the stored ones of the same measure, in the order of the goals. */
export function joined(stored: readonly Measured[], now: readonly Measured[]): Measured[] {
  const by = new Map([...stored, ...now].map((m) => [m.measure, m]));
  return Object.values<Goal>(GOALS).flatMap((g) => by.get(g.measure) ?? []);
}
