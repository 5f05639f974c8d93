// The answer to a query, as the HTTP body carries it. Times are ISO 8601 with Z, windows half-open.
// A window of the range without a point lies in `missing`; nothing else may leave one out.

export type JsonNumber = number | string | null;

export interface AnswerPoint {
  readonly from: string;
  readonly until: string;
  /** By dimension path; absent without `by`. Null where the event has none; see `(other)` in the docs. */
  readonly by?: Readonly<Record<string, string | null>>;
  readonly value: JsonNumber;
  readonly low: JsonNumber;
  readonly high: JsonNumber;
  /** low = high, nothing uncovered, no lag. */
  readonly exact: boolean;
  readonly layer: "batch" | "speed" | "both";
  /** The run that the batch part came from; absent for speed alone. */
  readonly run?: string;
}

export interface MissingRange {
  readonly from: string;
  readonly until: string;
  readonly why: string;
}

export interface Answer {
  readonly metric: string;
  readonly version: number;
  readonly unit: string;
  readonly from: string;
  readonly until: string;
  readonly grain: string;
  readonly tz: string;
  readonly by: readonly string[];
  /** The run or the moment whose kept runs answered; absent: now. */
  readonly as_of?: string;
  readonly where?: Readonly<Record<string, string | null>>;
  readonly points: readonly AnswerPoint[];
  /** Exclusive end of the closed days that have runs without a gap; null where there is none. */
  readonly horizon: string | null;
  /** Everything accepted before it is in the answer; null where nothing was folded yet. */
  readonly freshness: string | null;
  readonly missing: readonly MissingRange[];
  /** Events above the runs' offsets in closed days: the next run of these days takes them in. */
  readonly late_pending: number;
  /** Events that may be duplicates (in `high` only). */
  readonly suspected: number;
  /** Events too old to be checked for duplicates (in `value`, not in `low`). */
  readonly unchecked: number;
  /** Events whose value could not be read. */
  readonly skipped: number;
  /** Some groups were folded into `(other)`. */
  readonly capped: boolean;
  /** What is not as it should be, by code: `lag`, `flush_interrupted`, `pinned`, `stale_since`, … */
  readonly degraded: readonly string[];
}
