// What a comparison of the two layers says about one metric, tenant and day, as it stands in the ledger.
import type { Fingerprint } from "../metrics/fingerprint.ts";
import type { EpochMs, UtcDay } from "../time/epoch-ms.ts";

/** A count that is known to lie in it, ends included. */
export interface CountRange {
  readonly low: number;
  readonly high: number;
}

/** `dropped`: batch has events that speed lacks; `duplicated`: speed counted some twice; `states`: the same events, other states; `value`: further off than the sketch explains. */
export type Cause = "dropped" | "duplicated" | "states" | "value";

export interface Comparison {
  readonly metric: string;
  readonly version: number;
  readonly fingerprint: Fingerprint;
  readonly run: string;
  /** Events by layer, below the run's offsets. */
  readonly events: {
    readonly batch: number;
    readonly sure: number;
    readonly suspected: number;
    readonly unchecked: number;
  };
  /** Exact, and as speed had it; plain decimals, null where no event says anything. */
  readonly value: {
    readonly batch: string | null;
    readonly speed: string | null;
    readonly low: string | null;
    readonly high: string | null;
  };
  /** Speed less batch. */
  readonly difference: number | null;
  /** Standard deviation that the sketch predicts, and the difference in units of it; null for exact ones. */
  readonly sigma: number | null;
  readonly z: number | null;
  /** True where `z` is standard normal by theory: enough values for the sketch's law to hold. */
  readonly dense: boolean;
  /** Events that the filters of the speed layer take for duplicates though they are none: expected, and most. */
  readonly bloom: { readonly expected: number; readonly most: number };
  /** Records of the day that came after the run before this one; duplicates among them make `low` lower. */
  readonly late: CountRange;
  /** Records of the day above the run's offsets, in the archive already. */
  readonly latePending: number;
  /** Unreadable records in the objects that hold the day. */
  readonly deadLettered: number;
  readonly dropped: CountRange;
  readonly duplicated: CountRange;
  readonly states: { readonly cells: number; readonly differ: number };
  /** What nothing of the above explains. */
  readonly unexplained: readonly Cause[];
}

/** `comparison/<dataset>/<tenant>/<day modulo the days kept>`. */
export interface ComparisonRow {
  readonly day: UtcDay;
  readonly at: EpochMs;
  readonly metrics: readonly Comparison[];
}
