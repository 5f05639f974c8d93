// Which speed rows may go: of days that ended long enough ago, segments below the V of every run that may be chosen,
// of every day whose windows reach there. A day without a run counts as genesis. Pure.
import { DAY_MS, formatDay, type Metric, type UtcDay } from "@tandem/shared-logic";
import { reachDays } from "../reach-days.ts";
import type { RetentionAction, RetentionFacts } from "./retention-facts.ts";
import type { Unsettled } from "./unsettled-days.ts";

type Facts = Pick<RetentionFacts, "now" | "rules" | "metrics" | "days" | "dropped">;

export function planSpeed(
  { now, rules, metrics, days, dropped }: Facts,
  retired: ReadonlySet<string>,
  { blind }: Unsettled,
): RetentionAction[] {
  if (blind) return [];
  return metrics.flatMap((metric) =>
    [...days.keys()].flatMap((day): RetentionAction[] => {
      if (now - (day + 1) * DAY_MS < rules.speedDays * DAY_MS) return [];
      const below = belowAll(days, metric, day, retired);
      const gone = dropped.get(metric.fingerprint)?.get(day) ?? [];
      if (!below?.some((b, p) => b > (gone[p] ?? 0))) return [];
      const reason = `below every run that ${formatDay(day)} and its reach may show`;
      return [{ do: "drop_speed", day, fp: metric.fingerprint, below, reason, sizeBytes: 0 }];
    }),
  );
}

/** By partition; undefined where some day has no run that may be chosen. */
function belowAll(
  days: Facts["days"],
  metric: Metric,
  x: UtcDay,
  retired: ReadonlySet<string>,
): readonly number[] | undefined {
  const { back, ahead } = reachDays(metric);
  let limit: readonly number[] | undefined;
  for (let y = x - ahead; y <= x + back; y++) {
    const row = days.get(y as UtcDay);
    const runs = (row?.selectable[metric.fingerprint] ?? []).filter((r) => !retired.has(r.run));
    if (runs.length === 0) return undefined;
    for (const { v } of runs) limit = limit ? limit.map((l, p) => Math.min(l, v[p] ?? 0)) : v;
  }
  return limit;
}
