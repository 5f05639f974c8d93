// Days of which batch has everything: a run, no lag, and no speed row at or above V in the day or its
// reach. Of these, stored and merged exact values hold.
import { DAY_MS, dayOf, type Metric, type StoredSpeedRow, type UtcDay } from "@tandem/shared-logic";
import type { Seam } from "./seam.ts";

export function settledDays(
  metric: Metric,
  seam: Seam,
  speed: readonly StoredSpeedRow[],
): (day: UtcDay) => boolean {
  const { beforeMs, afterMs } = metric.reducer.reach;
  const [back, ahead] = [Math.ceil(afterMs / DAY_MS), Math.ceil(beforeMs / DAY_MS)];
  const touched = new Set<UtcDay>();
  for (const row of speed) {
    const day = dayOf(row.startMs);
    for (let d = day - back; d <= day + ahead; d++) {
      const v = seam.days.get(d as UtcDay)?.v;
      if (!v || row.segment >= (v[row.partition] ?? 0)) touched.add(d as UtcDay);
    }
  }
  return (day) => {
    const v = seam.days.get(day)?.v;
    const lags = v?.some((offset, p) => (seam.positions[p]?.to ?? 0) < offset);
    return v !== undefined && !lags && !touched.has(day);
  };
}
