// What a day's told changes say of its runs' ages, and which of them need not be told any more. Pure.
import { DAY_MS, type DayRow, type EpochMs, type Fingerprint } from "@tandem/shared-logic";
import type { RetentionRules } from "./retention-rules.ts";

/** When a run that is not shown now was shown last; undefined where the row does not tell. */
export function replacedAt(row: DayRow, fp: Fingerprint, run: string): EpochMs | undefined {
  let at: EpochMs | undefined;
  let shown: string | undefined;
  for (const flip of row.flips ?? []) {
    const next = flip.runs[fp];
    if (next === undefined) continue;
    if (next === run) at = undefined;
    else if (shown === run) at = flip.at;
    shown = next;
  }
  return at;
}

/**
 * How many of the oldest changes may go: of a moment since then it is still known what was shown, whether the day was
 * pinned, and of each run that is kept when it was shown first. Only from the front, so that no story has a hole.
 */
export function trimmedFlips(
  row: DayRow,
  now: EpochMs,
  { flipDays, runDays }: Pick<RetentionRules, "flipDays" | "runDays">,
): number {
  const flips = row.flips ?? [];
  const horizon = now - Math.max(flipDays, runDays) * DAY_MS;
  let keep = flips.findIndex((f) => f.at > horizon);
  if (keep < 0) keep = flips.length;
  const before = flips.slice(0, keep);
  const need = (index: number): void => {
    if (index >= 0) keep = Math.min(keep, index);
  };
  for (const fp of Object.keys(row.selectable) as Fingerprint[]) {
    need(before.findLastIndex((f) => f.runs[fp] !== undefined));
    for (const { run } of row.selectable[fp] ?? [])
      need(before.findIndex((f) => f.runs[fp] === run));
  }
  need(before.findLastIndex((f) => f.did === "rollback" || f.did === "unpin"));
  return keep;
}
