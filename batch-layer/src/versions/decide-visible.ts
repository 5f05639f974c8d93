// Which version of a metric is to answer to its name: the newest that has a run for every day on which the
// visible one has one, and for every day that its backfill owes. Pure; it never goes back.
import {
  backfillProgress,
  type DayRow,
  daysOfVersion,
  type Fingerprint,
  type UtcDay,
  type VisibleRow,
} from "@tandem/shared-logic";

export interface LoadedVersion {
  readonly version: number;
  readonly fingerprint: Fingerprint;
  /** Activated and not retired. */
  readonly active: boolean;
  /** Days that only a run can know. */
  readonly owed: Iterable<UtcDay>;
}

export interface VisibleFacts {
  readonly name: string;
  readonly row: VisibleRow | undefined;
  /** Ascending. */
  readonly loaded: readonly LoadedVersion[];
  readonly days: ReadonlyMap<UtcDay, DayRow>;
}

/** A version that does not show yet, and the days it still lacks. */
export interface WaitingVersion {
  readonly name: string;
  readonly version: number;
  readonly done: number;
  readonly wanted: number;
  readonly missing: readonly UtcDay[];
}

export interface VisibleDecision {
  readonly version: number | undefined;
  readonly waiting: readonly WaitingVersion[];
}

export function decideVisible({ name, row, loaded, days }: VisibleFacts): VisibleDecision {
  const now = row?.version ?? loaded[0]?.version;
  if (now === undefined || row?.held) return { version: now, waiting: [] };
  const old = daysOfVersion(days, name, now);
  let version = now;
  const waiting: WaitingVersion[] = [];
  for (const { version: newer, fingerprint, active, owed } of loaded) {
    if (newer <= now || !active) continue;
    const progress = backfillProgress(days, [...old, ...owed], fingerprint);
    if (progress.missing.length === 0) version = newer;
    else waiting.push({ name, version: newer, ...progress });
  }
  return { version, waiting: waiting.filter((w) => w.version > version) };
}
