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

/** A point of before, and the start of the window that it stands beside. */
export interface ComparedPoint extends AnswerPoint {
  readonly beside: string;
}

export interface EarlierWindows {
  readonly to: "previous_period" | "previous_year";
  readonly from: string;
  readonly until: string;
  readonly points: readonly ComparedPoint[];
  readonly missing: readonly MissingRange[];
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
  /** The condition, where it is more than one value for each of its dimensions. */
  readonly filter?: string;
  readonly points: readonly AnswerPoint[];
  /** With a limit: the groups that the range has, of which the first are shown. */
  readonly groups?: number;
  /** With a limit: the cursor of the next page; absent: there are no more groups. */
  readonly next?: string;
  /** With a limit: each window over all groups, shown or not. */
  readonly total?: readonly AnswerPoint[];
  /** The same windows of before. */
  readonly compare?: EarlierWindows;
  /** What was read, at most, by what was known before it was read. */
  readonly cost: { readonly cells: number };
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
