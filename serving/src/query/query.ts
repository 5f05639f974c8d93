// A question to one metric, understood and checked.
import type { AsOf, EpochMs, Grain, Metric, Window } from "@tandem/shared-logic";
import type { Comparing, Demands } from "./demands.ts";
import type { Where } from "./where.ts";

export type Layer = "both" | "batch" | "speed";

export interface AskedAsOf extends AsOf {
  /** As it is told in the answer. */
  readonly text: string;
}

export interface Query extends Demands {
  readonly metric: Metric;
  readonly from: EpochMs;
  readonly until: EpochMs;
  readonly grain: Grain;
  /** A zone that the runtime knows by this name. */
  readonly tz: string;
  readonly by: readonly string[];
  /** Dimension -> value; null: the event has none. */
  readonly where: ReadonlyMap<string, string | null>;
  /** A condition that `where`, empty then, cannot say. */
  readonly filter?: Where;
  readonly layer: Layer;
  readonly compare?: Comparing;
  /** Kept runs that are to answer; then `layer` is batch. */
  readonly asOf?: AskedAsOf;
  /** Index of the grouping set that `by` and `where` make up. */
  readonly set: number;
  /** In order, without gaps, making up [from, until). */
  readonly windows: readonly Window[];
}

export interface QueryLimits {
  readonly windows: number;
  /** Cells of the metric's finest grain in the range. */
  readonly cells: number;
  readonly days: number;
  /** Windows times groups. */
  readonly points: number;
  /** Cells of the finest grain times groups, over all that one request asks. */
  readonly costCells: number;
  /** Metrics of one request. */
  readonly metrics: number;
}

export const QUERY_LIMITS: QueryLimits = {
  windows: 10_000,
  cells: 1_000_000,
  days: 4_000,
  points: 200_000,
  costCells: 200_000_000,
  metrics: 20,
};
