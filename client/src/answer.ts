// The answer of `GET /metrics/{name}`, as the OpenAPI document has it; a test holds the two together. Times are
// ISO 8601 with Z, windows half-open. Each window of the range has a point or lies in `missing`.

/** A number up to 15 digits, the same digits as text beyond; null of nothing. */
export type JsonNumber = number | string | null;
export type Grain = "minute" | "hour" | "day" | "week" | "month" | "total";
export type Layer = "batch" | "speed" | "both";
/** By dimension; null: the event has none. `(rest)` and `(other)` are groups merged. */
export type Group = Readonly<Record<string, string | null>>;

export interface Point {
  readonly from: string;
  readonly until: string;
  readonly by?: Group;
  readonly value: JsonNumber;
  readonly low: JsonNumber;
  readonly high: JsonNumber;
  readonly exact: boolean;
  readonly layer: Layer;
  /** The run that the batch part is of. */
  readonly run?: string;
}

export interface Missing {
  readonly from: string;
  readonly until: string;
  readonly why: string;
}

export interface ComparedPoint extends Point {
  /** Start of the window that it stands beside. */
  readonly beside: string;
}

export interface Comparison {
  readonly to: "previous_period" | "previous_year";
  readonly from: string;
  readonly until: string;
  readonly points: readonly ComparedPoint[];
  readonly missing: readonly Missing[];
}

/** An answer without its points. */
export interface AnswerHead {
  readonly metric: string;
  readonly version: number;
  readonly unit: string;
  readonly from: string;
  readonly until: string;
  readonly grain: Grain;
  readonly tz: string;
  readonly by: readonly string[];
  readonly as_of?: string;
  readonly where?: Group;
  /** The condition, where it is more than fixed values. */
  readonly filter?: string;
  /** With limit: groups of the range, of which the first are shown. */
  readonly groups?: number;
  /** With limit: `cursor` of the next page; absent: there are no more groups. */
  readonly next?: string;
  /** With limit: every window over all groups. */
  readonly total?: readonly Point[];
  readonly compare?: Comparison;
  readonly cost: { readonly cells: number };
  readonly horizon: string | null;
  readonly freshness: string | null;
  readonly missing: readonly Missing[];
  readonly late_pending: number;
  readonly suspected: number;
  readonly unchecked: number;
  readonly skipped: number;
  readonly capped: boolean;
  readonly degraded: readonly string[];
}

/** Lists (steps of a funnel, days of a retention, top values) are groups: their points bear `by`. */
export interface Answer extends AnswerHead {
  readonly points: readonly Point[];
}
