// Which speed rows of (metric, day x) nobody can need any more: those of segments below the V of every
// selectable run of every day whose window ± reach touches x. A day without a run counts as genesis.
import {
  type DayRow,
  dayKey,
  EMPTY_DAY,
  type Metric,
  type UtcDay,
  type ViewStore,
} from "@tandem/shared-logic";
import { readLedger } from "./ledger.ts";
import { reachDays } from "./reach-days.ts";

/** By partition, or undefined where nothing may go. */
export async function droppable(
  views: ViewStore,
  dataset: string,
  metric: Metric,
  x: UtcDay,
): Promise<readonly number[] | undefined> {
  const { back, ahead } = reachDays(metric);
  let limit: number[] | undefined;
  for (let y = x - ahead; y <= x + back; y++) {
    const row = (await readLedger<DayRow>(views, dayKey(dataset, y as UtcDay))).value ?? EMPTY_DAY;
    const runs = row.selectable[metric.fingerprint] ?? [];
    if (runs.length === 0) return undefined;
    for (const { v } of runs) limit = limit ? limit.map((l, p) => Math.min(l, v[p] ?? 0)) : [...v];
  }
  return limit;
}

/** Of partition p no more than what lies below `most[p]`. False where nothing may go. */
export async function dropSegments(
  views: ViewStore,
  dataset: string,
  metric: Metric,
  x: UtcDay,
  most?: readonly number[],
): Promise<boolean> {
  const limit = await droppable(views, dataset, metric, x);
  const below = most ? limit?.map((l, p) => Math.min(l, most[p] ?? 0)) : limit;
  if (!below?.some((b) => b > 0)) return false;
  await views.dropSpeed(dataset, metric.fingerprint, x, below);
  return true;
}
