// Takes the last heal of a day back: the metrics that stand at its newest V go to the run they had before, all
// in one compare-and-set, and the day is pinned. Nothing is computed. Where the speed rows that the older run
// needs are gone it is refused: its answers would be low and not say so.
import {
  type DayEntry,
  type DayFlip,
  type DayRow,
  dayKey,
  EMPTY_DAY,
  type Fingerprint,
  formatDay,
  type Metric,
  type RunRef,
  refOf,
  TandemError,
  type UtcDay,
  type ViewStore,
} from "@tandem/shared-logic";
import { casLedger, readLedger } from "../ledger.ts";
import { atLeast, withFlip } from "../publish.ts";
import { reachDays } from "../reach-days.ts";
import type { Actor } from "./apply-heal.ts";

export interface Move {
  readonly metric: Metric;
  readonly from: string;
  readonly to: RunRef;
}

/** Runs that were chosen before the current one and may be chosen again, newest last. */
function olderRuns(row: DayRow, fp: Fingerprint): readonly RunRef[] {
  const current = row.entries[fp];
  const list = row.selectable[fp] ?? [];
  const at = list.findIndex((r) => r.run === current?.run);
  return list
    .slice(0, at < 0 ? list.length : at)
    .filter((r) => current !== undefined && atLeast(current.v, r.v));
}

/** What a promoted replay has put there, where that was the last change: the others stand at the same offsets. */
function lastPromoted(row: DayRow): DayFlip["runs"] | undefined {
  const last = row.flips?.findLast((f) => f.did !== "unpin");
  return last?.did === "promote" ? last.runs : undefined;
}

/** Pure: what a rollback moves; none where there is nothing to go back to. `to`: a run of one metric. */
export function movesBack(row: DayRow, metrics: readonly Metric[], to?: string): Move[] {
  const moves = metrics.flatMap((metric): (Move & { v: readonly number[] })[] => {
    const entry = row.entries[metric.fingerprint];
    const older = olderRuns(row, metric.fingerprint);
    const target = to === undefined ? older.at(-1) : older.find((r) => r.run === to);
    return entry && target ? [{ metric, from: entry.run, to: target, v: entry.v }] : [];
  });
  const promoted = lastPromoted(row);
  return moves
    .filter(({ metric }) => !promoted || promoted[metric.fingerprint] !== undefined)
    .filter(({ v }) => moves.every((other) => atLeast(v, other.v)));
}

export async function rollbackDay(
  views: ViewStore,
  dataset: string,
  day: UtcDay,
  metrics: readonly Metric[],
  actor: Actor,
  to?: string,
): Promise<Move[]> {
  const key = dayKey(dataset, day);
  const seen = await readLedger<DayRow>(views, key);
  const row = seen.value ?? EMPTY_DAY;
  const moves = movesBack(row, metrics, to);
  if (moves.length === 0) return [];
  for (const move of moves) await refuseWhereDropped(views, dataset, day, move);
  const moved = new Map(moves.map((m) => [m.metric.fingerprint, m.to]));
  const entries: Record<Fingerprint, DayEntry> = {};
  for (const fp of Object.keys(row.entries) as Fingerprint[]) {
    const ref = moved.get(fp) ?? row.entries[fp];
    if (ref) entries[fp] = { ...refOf(ref), pinned: true };
  }
  const runs = Object.fromEntries([...moved].map(([fp, ref]) => [fp, ref.run]));
  const flip = withFlip(row, { ...actor, did: "rollback", runs });
  if (!(await casLedger(views, key, seen, { ...row, entries, ...flip })))
    throw new TandemError("run_superseded", { details: { day: formatDay(day) } });
  return moves;
}

async function refuseWhereDropped(
  views: ViewStore,
  dataset: string,
  day: UtcDay,
  { metric, to }: Move,
): Promise<void> {
  const { back, ahead } = reachDays(metric);
  const fp = metric.fingerprint;
  const [first, last] = [(day - back) as UtcDay, (day + ahead + 1) as UtcDay];
  const dropped = await views.dropped(dataset, fp, first, last, to.v.length);
  const starts = await views.starts(dataset, fp, to.v.length);
  for (const [p, v] of to.v.entries()) {
    const gone = Math.max(starts[p] ?? 0, ...[...dropped.values()].map((below) => below[p] ?? 0));
    if (gone <= v) continue;
    throw new TandemError("rollback_refused", {
      message: `run ${to.run} of ${metric.name} ends at offset ${v} of partition ${p}, and speed rows below ${gone} are gone`,
      details: { run: to.run, metric: metric.name, partition: p, offset: v, droppedBelow: gone },
    });
  }
}

/** Lets the day be published to again; false where it was not pinned. */
export async function unpinDay(
  views: ViewStore,
  dataset: string,
  day: UtcDay,
  actor: Actor,
): Promise<boolean> {
  const key = dayKey(dataset, day);
  for (;;) {
    const seen = await readLedger<DayRow>(views, key);
    const row = seen.value;
    if (!row || !Object.values(row.entries).some((e) => e.pinned)) return false;
    const entries = Object.fromEntries(
      Object.entries(row.entries).map(([fp, entry]) => [fp, refOf(entry)]),
    );
    const flip = withFlip(row, { ...actor, did: "unpin", runs: {} });
    if (await casLedger(views, key, seen, { ...row, entries, ...flip })) return true;
  }
}
