// A reducer is a pair of algebras over the same items with a bridge. `exact` is run by batch, `approx`
// by speed, and the bridge is a homomorphism, so that the two can be laid over each other:
//
//   toApprox(plus(a, b)) = plus(toApprox(a), toApprox(b))      toApprox(append(zero, x)) = append(zero, x)
//
// byte for byte. Bounded growth is asked of `approx` only.
import type { EventColumns } from "../events/event-columns.ts";
import type { Condition, Path, Selector } from "../metrics/selector.ts";
import type { StoredGrain } from "../time/calendar.ts";
import type { Algebra } from "./algebra.ts";
import type { EncodedStates } from "./encoded-states.ts";
import type { Kernel } from "./kernel.ts";

/** What a window needs of its neighbours, in milliseconds. */
export interface Reach {
  readonly beforeMs: number;
  readonly afterMs: number;
}

export const NO_REACH: Reach = { beforeMs: 0, afterMs: 0 };

export type Json =
  | null
  | boolean
  | number
  | string
  | readonly Json[]
  | { readonly [key: string]: Json };

/** A range has at least the sum of its days, where each occurrence stands in one of them, or at least the largest. */
export type DayBound = "sum" | "largest";

export interface Reducer<Item, Exact, Approx> {
  /** Everything that moves numbers, as data: it goes into the metric's fingerprint. */
  readonly spec: { readonly kind: string; readonly [parameter: string]: Json };
  /**
   * Where set: reducers of equal keys keep equal states of equal events, byte for byte in both algebras, and skip
   * the same rows, whatever they present of them (not a kernel: it knows one of them only). Metrics of such reducers over
   * the same cells are folded once.
   */
  readonly stateKey?: string;
  /** The values items are made of; lineage, columns to read and the scanner's fields follow from it. */
  readonly selects: readonly Selector[];
  /** Grains that rows are stored at, finest first; speed stores the finest only. */
  readonly grains: readonly StoredGrain[];
  /** True where `approx` is `exact`: such a metric stays exact across the seam. */
  readonly additive: boolean;
  /**
   * True where more events never lower the value; else `present` of doubt is not ordered, and low and
   * high come from all combinations of the doubtful states.
   */
  readonly monotone: boolean;
  /** True where a value never exceeds the number of its events (distinct, sessions). */
  readonly atMostEvents: boolean;
  /**
   * What the days of a range say of it, for a group over the dimensions asked for. Absent: nothing, as of means,
   * shares and quantiles, which may be less over a range than over each of its days.
   */
  atLeastDays?(dims: readonly string[], group: string): DayBound | undefined;
  readonly reach: Reach;
  readonly exact: Algebra<Item, Exact>;
  readonly approx: Algebra<Item, Approx>;
  toApprox(state: Exact): Approx;
  /** Work on exact states' bytes, for where little of a large state changes. */
  readonly encoded?: EncodedStates;
  /**
   * Standard deviation of the approximate value where the exact one is `value`; absent where only the
   * interval is known.
   */
  deviation?(value: number): number;
  /** Reads items off columns: the item of a row, or undefined where the row is skipped. */
  items(columns: EventColumns): (row: number) => Item | undefined;
  /** True where no row is skipped: an item is never undefined, and need not be read to know it. */
  readonly skipsNothing?: boolean;
  /**
   * Where set, dimensions live inside the state (perUser): only the total cell is stored and
   * `presentBy` groups. Called once with the metric's grouping sets, flattened and in order.
   */
  inside?(dims: readonly string[]): Reducer<Item, Exact, Approx>;
  /**
   * Where set, the answer is a list: `path` is a dimension that the reducer makes itself and a metric names in
   * a grouping set, and its values are these keys in this order (steps of a funnel, days of a retention).
   */
  readonly lists?: {
    readonly path: Path;
    readonly keys: readonly string[];
    /** What the keys are called, where they are more than numbers. */
    readonly labels?: readonly string[];
  };
  /** The metric's `limit` of groups where it names none itself. */
  readonly keeps?: number;
  /** Faster folding than one by one; without it the generic kernel is used. */
  readonly kernels?: {
    readonly exact?: () => Kernel;
    readonly approx?: () => Kernel;
  };
}

/** A reducer whose types nobody needs to know. Its states are only ever handed back to itself. */
// biome-ignore lint/suspicious/noExplicitAny: the types are hidden on purpose; states never mix
export type AnyReducer = Reducer<any, any, any>;

export type { Condition };
