// The universe of the model: two partitions, three days, a user to each partition, events in the last and first
// minutes of days so that sessions reach over midnight. A state is a value: nothing in it is ever changed.
import {
  decimal,
  type EpochMs,
  type LedgerRow,
  type ManifestEntry,
  type Metric,
  MINUTE_MS,
  metric,
  perUser,
  type RunRef,
  sessions,
  sum,
  type UtcDay,
  utcDay,
} from "@tandem/shared-logic";

export const DATASET = "events";
export const TENANT = "t";
export const FIRST = utcDay(18_262);
export const DAYS: readonly UtcDay[] = [0, 1, 2].map((n) => utcDay(FIRST + n));
export const PARTITIONS = [0, 1];

/** Where and when events of a kind happen: the first two are one session if both are there. */
export const KINDS = {
  a: { partition: 0, day: FIRST, minute: 1435 },
  b: { partition: 0, day: FIRST + 1, minute: 5 },
  c: { partition: 1, day: FIRST + 1, minute: 1435 },
  d: { partition: 1, day: FIRST + 2, minute: 5 },
} as const;
export type Kind = keyof typeof KINDS;

export interface Sent {
  readonly kind: Kind;
  /** Counted over all: its tally is 4^n. */
  readonly n: number;
  readonly timeMs: EpochMs;
  readonly day: UtcDay;
  readonly partition: number;
  /** The same event came before. */
  readonly copy: boolean;
}
export interface CutMark {
  readonly seq: number;
}
export type Entry = Sent | CutMark;
export const isSent = (entry: Entry | undefined): entry is Sent =>
  entry !== undefined && "kind" in entry;

const declare = (name: string, reducer: Metric["reducer"]): Metric =>
  metric({ name, title: name, unit: "events", version: 1, reducer, examples: [] });
export const tally = declare(
  "tally",
  sum(decimal("properties.bit", { scale: 0 }), { grains: ["hour"] }),
);
export const visits = declare("visits", perUser(sessions()));
export const METRICS: readonly Metric[] = [tally, visits];

/** A run that is written, and that a batch run in hand may still publish. */
export interface Written {
  readonly metric: Metric;
  readonly day: UtcDay;
  readonly ref: RunRef;
  /** What stood there when it was planned. */
  readonly before: RunRef | undefined;
}

export interface State {
  readonly log: readonly (readonly Entry[])[];
  readonly manifest: readonly (readonly ManifestEntry[])[];
  /** How far each partition is visible, and how far the rows of its first block are. */
  readonly positions: readonly number[];
  readonly flushed: readonly number[];
  readonly ledger: ReadonlyMap<string, LedgerRow>;
  /** By `fingerprint|day`. */
  readonly dropped: ReadonlyMap<string, readonly number[]>;
  /** What a slow batch run has still to publish; undefined: none is under way. */
  readonly inHand: readonly Written[] | undefined;
  readonly tick: number;
  readonly sent: number;
  /** By tick: the run shown of each `fingerprint|day` after it. */
  readonly shown: readonly ReadonlyMap<string, string>[];
}

export const sentAt = (kind: Kind, n: number, copy = false): Sent => {
  const { partition, day, minute } = KINDS[kind];
  const timeMs = (day * 86_400_000 + minute * MINUTE_MS + n * 1000) as EpochMs;
  return { kind, n, timeMs, day: day as UtcDay, partition, copy };
};

export const offsetsBelow = (state: State, partition: number): number[] => {
  const bounds = [0];
  for (const [offset, e] of (state.log[partition] ?? []).entries())
    if (!isSent(e)) bounds.push(offset + 1);
  return bounds;
};
