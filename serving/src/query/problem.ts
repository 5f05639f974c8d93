// What a question is answered with that cannot be: a value, or, inside the parser, what becomes one.

export type QueryParams = Readonly<Record<string, string | readonly string[] | undefined>>;

export type ProblemCode =
  | "bad_query"
  | "unknown_metric"
  /** It would read, or be, more than the limits allow. */
  | "too_much"
  /** The intervals are wider than `max_error`. */
  | "too_uncertain"
  /** Not as fresh as asked for: the same question may have its answer later. */
  | "not_yet"
  /** The views that a listing was begun with are no more: it can be begun again. */
  | "cursor_gone";

/** Wrong input is a value: which parameter, what was expected and what would work instead. */
export interface QueryProblem {
  readonly code: ProblemCode;
  readonly parameter: string;
  readonly expected: string;
  readonly got: string;
  readonly would_work: readonly string[];
  readonly cost?: Cost;
  readonly lag?: Lag;
}

/** What a question reads, at most, by what is known before it is read. */
export interface Cost {
  /** Cells of the metric's finest grain, in all groups that may be read. */
  readonly cells: number;
  readonly limit: number;
}

/** Between what was demanded and what is there. */
export interface Lag {
  /** How long ago everything accepted was in the answer; null where that is not known. */
  readonly stale_ms: number | null;
  /** Records that are still to be read, of those that the receipt names. */
  readonly records: number;
}

/** Thrown inside the parser only; its edge turns it into a value. */
export class BadQuery extends Error {
  readonly problem: QueryProblem;
  constructor(parameter: string, expected: string, got: string, wouldWork: readonly string[]) {
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
