// A question to one metric, understood and checked; and what a question is answered with that cannot be.
import type { AsOf, EpochMs, Grain, Metric, Window } from "@tandem/shared-logic";

export type Layer = "both" | "batch" | "speed";

export interface AskedAsOf extends AsOf {
  /** As it is told in the answer. */
  readonly text: string;
}

export interface Query {
  readonly metric: Metric;
  readonly from: EpochMs;
  readonly until: EpochMs;
  readonly grain: Grain;
  /** A zone that the runtime knows by this name. */
  readonly tz: string;
  readonly by: readonly string[];
  /** Dimension -> value; null: the event has none. */
  readonly where: ReadonlyMap<string, string | null>;
  readonly layer: Layer;
  /** Kept runs that are to answer; then `layer` is batch. */
  readonly asOf?: AskedAsOf;
  /** Index of the grouping set that `by` and `where` make up. */
  readonly set: number;
  /** In order, without gaps, making up [from, until). */
  readonly windows: readonly Window[];
}

/** Wrong input is a value: which parameter, what was expected and what would work instead. */
export interface QueryProblem {
  readonly code: "bad_query" | "unknown_metric";
  readonly parameter: string;
  readonly expected: string;
  readonly got: string;
  readonly would_work: readonly string[];
}

export type QueryParams = Readonly<Record<string, string | readonly string[] | undefined>>;

export interface QueryLimits {
  readonly windows: number;
  /** Cells of the metric's finest grain in the range. */
  readonly cells: number;
  readonly days: number;
  /** Windows times groups. */
  readonly points: number;
}

export const QUERY_LIMITS: QueryLimits = {
  windows: 10_000,
  cells: 1_000_000,
  days: 4_000,
  points: 200_000,
};

/** Thrown inside the parser only; its edge turns it into a value. */
export class BadQuery extends Error {
  readonly problem: QueryProblem;
  constructor(parameter: string, expected: string, got: string, wouldWork: readonly string[] = []) {
    super(`${parameter}: ${expected}`);
    this.problem = {
      code: "bad_query",
      parameter,
      expected,
      got: short(got),
      would_work: wouldWork,
    };
  }
}

const short = (text: string): string => (text.length > 200 ? `${text.slice(0, 200)}…` : text);
