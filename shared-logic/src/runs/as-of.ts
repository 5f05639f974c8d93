// Which run of a day was current at a moment, from what the day's ledger row tells of its changes. Pure.
import type { Fingerprint } from "../metrics/fingerprint.ts";
import { type DayEntry, type DayRow, refOf } from "../ports/ledger-rows.ts";
import type { EpochMs } from "../time/epoch-ms.ts";

export interface AsOf {
  /** Undefined: now. */
  readonly at: EpochMs | undefined;
  /** A run that is to be used for its own day, whenever it was current. */
  readonly run?: string;
}

export interface EntryAsOf {
  readonly entry: DayEntry | undefined;
  /** The run that was current but is no longer kept. */
  readonly gone?: string;
}

export function entryAsOf(row: DayRow, fp: Fingerprint, asOf: AsOf): EntryAsOf {
  const kept = row.selectable[fp] ?? [];
  const named = kept.find((r) => r.run === asOf.run);
  if (named) return { entry: refOf(named) };
  const { at } = asOf;
  if (at === undefined) return { entry: row.entries[fp] };
  const until = (row.flips ?? []).filter((f) => f.at <= at);
  const run = until.findLast((f) => f.runs[fp] !== undefined)?.runs[fp];
  if (run === undefined) return { entry: undefined };
  const ref = kept.find((r) => r.run === run);
  if (!ref) return { entry: undefined, gone: run };
  const pin = until.findLast((f) => f.did === "rollback" || f.did === "unpin");
  return { entry: { ...refOf(ref), ...(pin?.did === "rollback" ? { pinned: true } : {}) } };
}

/** When a run became current first; undefined where the row does not tell. */
export const shownSince = (row: DayRow, fp: Fingerprint, run: string): EpochMs | undefined =>
  row.flips?.find((f) => f.runs[fp] === run)?.at;
