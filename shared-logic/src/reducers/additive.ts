// What reducers have in common whose approximate side is the exact one: they stay exact across the seam,
// and minutes are enough, since coarser windows are sums of them.
import type { Algebra } from "../algebra/algebra.ts";
import type { Kernel } from "../algebra/kernel.ts";
import { NO_REACH, type Reducer } from "../algebra/reducer.ts";
import type { EventColumns } from "../events/event-columns.ts";
import type { Selector } from "../metrics/selector.ts";
import type { StoredGrain } from "../time/calendar.ts";

export interface GrainOption {
  /** Grains that rows are stored at, finest first. */
  readonly grains?: readonly StoredGrain[];
}

export interface AdditiveParts<Item, State> {
  readonly spec: Reducer<Item, State, State>["spec"];
  readonly selects: readonly Selector[];
  readonly grains: readonly StoredGrain[] | undefined;
  readonly monotone: boolean;
  readonly atMostEvents: boolean;
  readonly algebra: Algebra<Item, State>;
  items(columns: EventColumns): (row: number) => Item | undefined;
  kernel(): Kernel;
}

export const additive = <Item, State>(
  parts: AdditiveParts<Item, State>,
): Reducer<Item, State, State> => ({
  spec: parts.spec,
  selects: parts.selects,
  grains: parts.grains ?? ["minute"],
  additive: true,
  monotone: parts.monotone,
  atMostEvents: parts.atMostEvents,
  reach: NO_REACH,
  exact: parts.algebra,
  approx: parts.algebra,
  toApprox: (state) => state,
  items: (columns) => parts.items(columns),
  kernels: { exact: () => parts.kernel(), approx: () => parts.kernel() },
});
