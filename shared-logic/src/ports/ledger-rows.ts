// What stands in the ledger, row by row. Every row changes only by compare-and-set.
import type { Fingerprint } from "../metrics/fingerprint.ts";
import type { EpochMs, UtcDay } from "../time/epoch-ms.ts";

/** Folding settings that come from the log (creation row, then cuts), never from a deploy. */
export interface DatasetSettings {
  /** Ids the exact ring of recent ids holds. */
  readonly ringIds: number;
  /** A fifth of the ids of one UTC day that the filters are made for; of eight times as many, the first are forgotten. */
  readonly generationIds: number;
  /** Reach of the filters, in received time. */
  readonly filterMs: number;
}

/** `dataset/<name>`: written before the first append. */
export interface DatasetRow {
  readonly dataset: string;
  /** By partition: offsets of the first record ever. */
  readonly genesis: readonly number[];
  /** Active from genesis. */
  readonly first: readonly Fingerprint[];
  readonly settings: DatasetSettings;
  /** First day with data, fixed when the first run of any day is published. */
  readonly firstDay?: UtcDay;
}

/** `cut/<dataset>`: the intent of the newest cut; durable before its first append. */
export interface CutRow {
  readonly seq: number;
  readonly activates: readonly Fingerprint[];
  readonly retires: readonly Fingerprint[];
  readonly settings?: DatasetSettings;
  /** False while appends to some partition may be outstanding: whoever sees it finishes it first. */
  readonly done: boolean;
  /** Seq of the cut that activated each metric; 0 for those active from genesis. */
  readonly activatedAt: Readonly<Record<Fingerprint, number>>;
  readonly retired: readonly Fingerprint[];
}

/** Offsets that batch can never read again, as a run of one day sees them. */
export interface LostRange {
  readonly partition: number;
  readonly from: number;
  readonly to: number;
  /** Lost events by day, of the run's day and its reach; null: any day may have lost some. */
  readonly days: Readonly<Record<string, number>> | null;
  /** Given up by retention. Absent: it should not have happened. */
  readonly expired?: true;
  /** Retention kept a sample of it, which no run is made of. */
  readonly sampled?: true;
}

/** What retention rolls cells up to. */
export type RolledGrain = "hour" | "day";

/** One run bound to an offset vector: batch answers below `v`, speed from it on. */
export interface RunRef {
  readonly run: string;
  /** By partition, exclusive. */
  readonly v: readonly number[];
  /** What the run was computed without; its answers say so. Absent: nothing. */
  readonly lost?: readonly LostRange[];
  /** Its cells were rolled up: the finest that its rows can tell. Absent: the metric's finest. */
  readonly grain?: RolledGrain;
  /** The replay it was promoted from: its id says nothing of its inputs. */
  readonly replayed?: string;
}

export interface DayEntry extends RunRef {
  /** Set by a rollback: nothing is published here until it is unpinned. */
  readonly pinned?: boolean;
}

/** One change of a day's row, made by the same compare-and-set: who pointed where, and when. */
export interface DayFlip {
  readonly at: EpochMs;
  /** A person's name, or `batch`. */
  readonly by: string;
  readonly did: "publish" | "heal" | "rollback" | "unpin" | "rollup" | "promote";
  /** The runs that were current from then on, of the metrics it touched. */
  readonly runs: Readonly<Record<Fingerprint, string>>;
}

/** `day/<dataset>/<day>`. */
export interface DayRow {
  readonly entries: Readonly<Record<Fingerprint, DayEntry>>;
  /** Runs that may still be chosen, the current one among them. */
  readonly selectable: Readonly<Record<Fingerprint, readonly RunRef[]>>;
  /** Oldest first: every change of `entries`, so that it is known what was shown when. */
  readonly flips?: readonly DayFlip[];
  /**
   * Runs that may no longer be chosen, since when: their rows go once no reader can be at them; `GOING` from the moment
   * on that they do. A run that is published before that is none of them any more.
   */
  readonly dropping?: Readonly<Record<string, EpochMs>>;
  /** How often rows of a run began to go: who wrote rows before that proves them again. */
  readonly sweeps?: number;
}

/** `span/<dataset>/<fingerprint>/<week or month>/<first day>`: a row over the days it is made of. */
export interface SpanRow {
  /** Run of each day of the span that had one; a day without an entry had none. */
  readonly runs: Readonly<Record<string, string>>;
  /** Run id its rows are written under. */
  readonly run: string;
  /** Run ids that it had before and whose rows may still be there. */
  readonly replaced?: readonly string[];
}

/** `heal-auto/<dataset>`: whether late days heal by themselves; absent: they do. */
export interface HealAutoRow {
  readonly on: boolean;
  readonly by: string;
  readonly at: EpochMs;
}

/** `asked/<dataset>`: how often each day was asked for lately; halved as days go by. Advisory. */
export interface AskedRow {
  readonly days: Readonly<Record<string, number>>;
  readonly at: EpochMs;
}

/** One thing that `tandem fsck --repair` did to the archive. */
export interface ArchiveRepair {
  readonly at: EpochMs;
  readonly by: string;
  readonly partition: number;
  readonly from: number;
  readonly to: number;
  readonly did: "refetched" | "listed" | "lost";
  /** Of a lost range, so that it is still known where the repair was cut short. */
  readonly days?: Readonly<Record<string, number>> | null;
}

/** `repairs/<dataset>`: newest last. Whoever remembers the manifest reads it again when this row changes. */
export interface RepairsRow {
  readonly repairs: readonly ArchiveRepair[];
  /** False while the archive is being changed. */
  readonly done: boolean;
}

/** `visible/<dataset>/<name>`: which version of a metric answers to its bare name. */
export interface VisibleRow {
  readonly version: number;
  /** Chosen by hand below a newer version: batch leaves it. */
  readonly held?: true;
  /** Oldest first: which version answered from when on, and who said so. */
  readonly flips: readonly {
    readonly at: EpochMs;
    /** A person's name, or `batch`. */
    readonly by: string;
    readonly version: number;
  }[];
}

type OffsetRanges = readonly (readonly (readonly [from: number, to: number])[])[];

/** `retention/<dataset>`: what retention has given up, and what it saw and may give up later. */
export interface RetentionRow {
  /** By partition: offsets whose archive objects are gone or going, ascending, [from, to). */
  readonly expired: OffsetRanges;
  /** Of those, the ones that a sample was kept of. */
  readonly sampled?: OffsetRanges;
  /** Objects that were read and hold nothing of the event types that are downsampled. */
  readonly plain?: { readonly types: readonly string[]; readonly ranges: OffsetRanges };
  /** When things that tell no age of themselves were first seen to be needed by nobody. */
  readonly noticed: Readonly<Record<string, EpochMs>>;
  /** When a pass ended last. */
  readonly appliedAt?: EpochMs;
}

/** In `DayRow.dropping`: the rows are going. */
export const GOING = 0 as EpochMs;

/** A day's entry without what a rollback put on it. */
export const refOf = ({ run, v, lost, grain, replayed }: RunRef): RunRef => ({
  run,
  v,
  ...(lost ? { lost } : {}),
  ...(grain ? { grain } : {}),
  ...(replayed ? { replayed } : {}),
});

export const EMPTY_DAY: DayRow = { entries: {}, selectable: {} };

export const datasetKey = (dataset: string): string => `dataset/${dataset}`;
export const cutKey = (dataset: string): string => `cut/${dataset}`;
export const dayKey = (dataset: string, day: UtcDay): string => `day/${dataset}/${day}`;
/** `reconciled/<dataset>`: which days were compared at which runs, so that a day is compared once. */
export interface ReconciledRow {
  readonly days: Readonly<
    Record<string, { readonly runs: string; readonly unexplained: readonly string[] }>
  >;
}

/** Days of comparisons that are kept: a later day takes the place of the one so many days before it. */
export const RECONCILED_DAYS = 400;

export const reconciledKey = (dataset: string): string => `reconciled/${dataset}`;
export const comparisonPrefix = (dataset: string, tenant: string): string =>
  `comparison/${dataset}/${tenant}/`;
export const comparisonKey = (dataset: string, tenant: string, day: UtcDay): string =>
  `${comparisonPrefix(dataset, tenant)}${day % RECONCILED_DAYS}`;
export const retentionKey = (dataset: string): string => `retention/${dataset}`;
export const repairsKey = (dataset: string): string => `repairs/${dataset}`;
export const healAutoKey = (dataset: string): string => `heal-auto/${dataset}`;
export const askedKey = (dataset: string): string => `asked/${dataset}`;
/** What cursors are signed with where the configuration names no secret. */
export const cursorSecretKey = (dataset: string): string => `cursor-secret/${dataset}`;
/** `name` empty: the prefix of all. */
export const visibleKey = (dataset: string, name: string): string => `visible/${dataset}/${name}`;
export const spanKey = (
  dataset: string,
  fp: Fingerprint,
  grain: "week" | "month",
  from: UtcDay,
): string => `span/${dataset}/${fp}/${grain}/${from}`;
