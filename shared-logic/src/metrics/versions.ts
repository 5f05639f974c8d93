// Versions of one metric beside each other: which of them answers to the bare name, and how far another one's
// backfill is. Functions of ledger rows alone, so that batch, which decides, and serving, which tells, agree.
import type { DayRow, VisibleRow } from "../ports/ledger-rows.ts";
import type { EpochMs, UtcDay } from "../time/epoch-ms.ts";
import { type Fingerprint, fingerprintName } from "./fingerprint.ts";

/** `revenue@2` is version 2 of revenue, `revenue` whichever is visible; undefined where it is neither. */
export function parseMetricName(
  text: string,
): { readonly name: string; readonly version: number | undefined } | undefined {
  const found = /^([^@]+)(?:@([1-9]\d{0,8}))?$/.exec(text);
  if (!found) return undefined;
  const [, name = "", version] = found;
  return { name, version: version === undefined ? undefined : Number(version) };
}

/**
 * Of the loaded versions, in ascending order, the one that answers to the name. Without a row it is the oldest:
 * what is new shows once batch has said that it is complete. Where the row's version is not loaded, the one below.
 */
export function visibleOf<T extends { readonly version: number }>(
  version: number | undefined,
  loaded: readonly T[],
): T | undefined {
  if (version === undefined) return loaded[0];
  return loaded.findLast((m) => m.version <= version) ?? loaded[0];
}

/** The version that was visible at a moment; before anything was said, the first one that was. */
export function versionAt(row: VisibleRow | undefined, at: EpochMs): number | undefined {
  const last = row?.flips.findLast((f) => f.at <= at) ?? row?.flips[0];
  return last?.version ?? row?.version;
}

/** Days on which a version has a current run, under whatever fingerprint it had. */
export function daysOfVersion(
  days: ReadonlyMap<UtcDay, DayRow>,
  name: string,
  version: number,
): UtcDay[] {
  const found: UtcDay[] = [];
  for (const [day, row] of days) {
    const has = Object.keys(row.entries).some((fp) => {
      const of = fingerprintName(fp as Fingerprint);
      return of.name === name && of.version === version;
    });
    if (has) found.push(day);
  }
  return found.sort((a, b) => a - b);
}

export interface BackfillProgress {
  readonly done: number;
  readonly wanted: number;
  /** In order. */
  readonly missing: readonly UtcDay[];
}

/** How many of the wanted days have a current run of a metric. */
export function backfillProgress(
  days: ReadonlyMap<UtcDay, DayRow>,
  wanted: Iterable<UtcDay>,
  fp: Fingerprint,
): BackfillProgress {
  const all = [...new Set(wanted)].sort((a, b) => a - b);
  const missing = all.filter((day) => days.get(day)?.entries[fp] === undefined);
  return { done: all.length - missing.length, wanted: all.length, missing };
}
