// How metrics are folded together: one mask for each filter, one search for a cell for all that key alike.
import { genericKernel } from "../algebra/generic-kernel.ts";
import type { Kernel } from "../algebra/kernel.ts";
import { getOrMake } from "../collections/get-or-make.ts";
import type { Metric } from "../metrics/metric.ts";
import type { Condition } from "../metrics/selector.ts";
import { CellIndex } from "./cell-index.ts";
import type { CellStates, Keying } from "./keying.ts";
import { COPY, isMade } from "./made-fields.ts";
import { readsOf } from "./metric-paths.ts";
import { type Step, stepsOf } from "./steps.ts";
import { TakenRows } from "./taken-rows.ts";

export type Side = "exact" | "approx";

export interface Filter {
  readonly where: Condition | undefined;
  /** Reads made fields. */
  readonly made: boolean;
  /** Is given copies of events too. */
  readonly copies: boolean;
  readonly keyings: readonly Keying[];
  /** How their cells come about. */
  steps: readonly Step[];
}

/** `limit`: overrides the metrics' own group limits. */
export function foldPlan(
  metrics: readonly Metric[],
  side: Side,
  limit: number | undefined,
): readonly Filter[] {
  const filters = new Map<string, Filter & { readonly keyings: Keying[] }>();
  const keyings = new Map<string, Keying>();
  for (const metric of metrics) {
    const reads = readsOf(metric);
    const [made, copies] = [reads.some(isMade), reads.includes(COPY)];
    const filterKey = JSON.stringify([metric.where ?? null, made, copies]);
    const filter = getOrMake(filters, filterKey, () => ({
      where: metric.where,
      made,
      copies,
      keyings: [],
      steps: [],
    }));
    const grain = metric.reducer.grains[0] ?? "hour";
    const cap = limit ?? metric.limit;
    // A reducer that holds its dimensions inside has the total's cell only.
    const sets = metric.reducer.inside ? metric.sets.slice(0, 1) : metric.sets;
    for (const [set, dims] of sets.entries()) {
      const key = JSON.stringify([filterKey, grain, dims, cap]);
      const keying = getOrMake(keyings, key, () => {
        const index = new CellIndex(dims, grain, cap);
        const begun: Keying = { index, states: [], events: new Float64Array(64) };
        filter.keyings.push(begun);
        return begun;
      });
      const { stateKey } = metric.reducer;
      const alike =
        stateKey !== undefined &&
        keying.states.find(({ first }) => first.metric.reducer.stateKey === stateKey);
      if (alike) alike.others.push({ metric, set });
      else keying.states.push(statesOf(metric, set, side));
    }
  }
  // A group beyond a limit folds into another one, which is no sum of finer cells. Speed's cells are flushed as they
  // change, all of them alike.
  const rolling = side === "exact" && limit === Number.POSITIVE_INFINITY;
  for (const filter of filters.values()) filter.steps = stepsOf(filter.keyings, rolling);
  return [...filters.values()];
}

const statesOf = (metric: Metric, set: number, side: Side): CellStates => ({
  first: { metric, set },
  others: [],
  kernel: kernelOf(metric, side),
  skipped: new Float64Array(64),
  taken: new TakenRows(),
});

function kernelOf(metric: Metric, side: Side): Kernel {
  const r = metric.reducer;
  const make = r.kernels?.[side];
  return make ? make() : genericKernel(r[side], (columns) => r.items(columns));
}
