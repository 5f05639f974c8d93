// What a question becomes: a problem, or its first phase read and the way to its answer.
import type { Answer, EpochMs } from "@tandem/shared-logic";
import type { QueryProblem } from "./query/problem.ts";

export interface Refused {
  readonly ok: false;
  readonly problem: QueryProblem;
}

export const refused = (problem: QueryProblem): Refused => ({ ok: false, problem });

export type QueryResult =
  | { readonly ok: true; readonly answer: Answer }
  | { readonly ok: false; readonly problem: QueryProblem };

/** A question whose first phase is read: what it is a function of, and the way to its answer. */
export interface Prepared {
  readonly ok: true;
  readonly tag: string;
  /** The tag is undefined where the answer must not be kept. */
  answer(): Promise<
    | { readonly ok: true; readonly answer: Answer; readonly tag: string | undefined }
    | { readonly ok: false; readonly problem: QueryProblem }
  >;
}

/** Of several metrics, in the order asked for. */
export interface PreparedMany {
  readonly ok: true;
  readonly tag: string;
  readonly now: EpochMs;
  answers(): Promise<
    | { readonly ok: true; readonly answers: readonly Answer[]; readonly tag: string | undefined }
    | Refused
  >;
}
