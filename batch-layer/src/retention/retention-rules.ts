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
  /** Hours are rolled up to days after so long. */
  readonly hourDays: number;
  /** Runs that were replaced may be chosen (rollback, as-of) so long; what nobody names is kept as long. */
  readonly runDays: number;
  /** Speed rows of a day stay so long, and until they lie below every run that may be chosen. */
  readonly speedDays: number;
  /** Changes of a day are told in its ledger row so long. */
  readonly flipDays: number;
  /** Event types of which one row a minute is kept of the archive, after so long. */
  readonly downsampleTypes: readonly string[];
  readonly downsampleDays: number;
}

/** Rules of every dataset, and by name what differs for one. */
export interface RetentionSettings extends RetentionRules {
  /** Applied once a day by itself. */
  readonly auto: boolean;
  readonly datasets: Readonly<
    Record<
      string,
      {
        readonly [K in keyof (RetentionRules & { auto: boolean })]?:
          | RetentionSettings[K]
          | undefined;
      }
    >
  >;
}

export function rulesOf(
  { datasets, ...all }: RetentionSettings,
  dataset: string,
): RetentionRules & { readonly auto: boolean } {
  const own = Object.entries(datasets[dataset] ?? {}).filter(([, value]) => value !== undefined);
  return { ...all, ...Object.fromEntries(own) };
}

export const RETENTION_RULES: RetentionRules = {
  hotDays: 90,
  rawDays: 365,
  minuteDays: 90,
  hourDays: 730,
  runDays: 7,
  speedDays: 2,
  flipDays: 90,
  downsampleTypes: [],
  downsampleDays: 7,
};

/** Rows of a run go so long after it could be chosen for the last time: whoever reads it has ended by then. */
export const READERS_MS = 10 * MINUTE_MS;
