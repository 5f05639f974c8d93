// What `GET /reconciliation` says of each sealed day: speed against batch, and what nothing explains.
import type { JsonNumber } from "./answer.ts";

export interface CountRange {
  readonly low: number;
  readonly high: number;
}

export interface ReconciledMetric {
  readonly metric: string;
  readonly version: number;
  readonly run: string;
  readonly batch: JsonNumber;
  readonly speed: JsonNumber;
  readonly low: JsonNumber;
  readonly high: JsonNumber;
  /** Speed less batch. */
  readonly difference: number | null;
  /** What the sketch predicts. */
  readonly sigma: number | null;
  readonly z: number | null;
  readonly events: {
    readonly batch: number;
    readonly sure: number;
    readonly suspected: number;
    readonly unchecked: number;
  };
  readonly bloom: { readonly expected: number; readonly most: number };
  readonly late: CountRange;
  readonly late_pending: number;
  readonly dead_lettered: number;
  readonly dropped: CountRange;
  readonly duplicated: CountRange;
  readonly states: { readonly cells: number; readonly differ: number };
  readonly unexplained: readonly ("dropped" | "duplicated" | "states" | "value")[];
}

export interface ReconciledDay {
  readonly day: string;
  readonly at: string;
  /** Sent that day and not taken: events answered `retry`, and requests refused whole with 429 or 503. */
  readonly shed: { readonly events: number; readonly requests: number };
  readonly metrics: readonly ReconciledMetric[];
}

export interface ReconciliationQuestion {
  /** First day. */
  readonly from?: string;
  /** Day to stop before. */
  readonly until?: string;
  readonly metric?: string;
  /** Only what nothing explains. */
  readonly unexplained?: boolean;
}
