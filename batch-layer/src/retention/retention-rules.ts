// How long what is kept. Days are counted from the end of the day that a thing is about, or from the moment it was
// no longer needed.
import { MINUTE_MS } from "@tandem/shared-logic";

export interface RetentionRules {
  /** Archive objects lie where they were written so long after their newest event, then in the cold place. */
  readonly hotDays: number;
  /** Archive objects are given up after so long. */
  readonly rawDays: number;
  /** Minute cells are rolled up to hours after so long. */
  readonly minuteDays: number;
  /** Runs that were replaced may be chosen (rollback, as-of) so long; what nobody names is kept as long. */
  readonly runDays: number;
  /** Speed rows of a day stay so long, and until they lie below every run that may be chosen. */
  readonly speedDays: number;
  /** Changes of a day are told in its ledger row so long. */
  readonly flipDays: number;
}

export const RETENTION_RULES: RetentionRules = {
  hotDays: 90,
  rawDays: 365,
  minuteDays: 90,
  runDays: 7,
  speedDays: 2,
  flipDays: 90,
};

/** Rows of a run go so long after it could be chosen for the last time: whoever reads it has ended by then. */
export const READERS_MS = 10 * MINUTE_MS;
