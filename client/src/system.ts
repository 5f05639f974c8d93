// What `GET /system` says: how far the views are behind, what is sealed, and what was done to the days last.

export interface SystemReport {
  readonly now: string;
  /** Records accepted and not yet in the views; null: the log does not answer. */
  readonly lag: { readonly records: number; readonly partitions: readonly number[] } | null;
  /** Everything accepted before it is in the views. */
  readonly freshness: string | null;
  /** Late days heal by themselves. */
  readonly auto_heal: boolean;
  readonly horizons: readonly SystemHorizon[];
  /** Newest first. */
  readonly days: readonly SystemDay[];
  /** Newest first. */
  readonly work: readonly SystemWork[];
  /** Rejected events of the key's tenant; null: they are kept elsewhere. */
  readonly dead_letters: {
    readonly count: number;
    /** There are more. */
    readonly capped: boolean;
    readonly reasons: Readonly<Record<string, number>>;
  } | null;
}

export interface SystemHorizon {
  readonly metric: string;
  readonly version: number;
  /** Exclusive end of the closed days that have runs without a gap. */
  readonly horizon: string | null;
}

export interface SystemDay {
  readonly day: string;
  /** Metrics that have a run of the day. */
  readonly sealed: number;
  readonly metrics: number;
  readonly pinned: boolean;
  /** A run was computed without records that are lost. */
  readonly lost: boolean;
}

export interface SystemWork {
  readonly at: string;
  readonly did: string;
  readonly day: string;
  readonly metrics: number;
  readonly by_hand: boolean;
}
