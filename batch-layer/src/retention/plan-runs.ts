// Which runs, states, plans and told changes of a day go, and which days are rolled up or given up. Pure. A run goes in
// two steps: first it can no longer be chosen, later, when no reader can be at it, its rows go.
import {
  DAY_MS,
  type DayRow,
  type Fingerprint,
  formatDay,
  type Metric,
  type RolledGrain,
  type RunRef,
  type UtcDay,
} from "@tandem/shared-logic";
import { replacedAt, trimmedFlips } from "./day-flips.ts";
import type { Noticing } from "./noticing.ts";
import type { RetentionAction, RetentionFacts } from "./retention-facts.ts";
import { READERS_MS, type RetentionRules } from "./retention-rules.ts";
import { isUnsettled, type Unsettled } from "./unsettled-days.ts";

export function planRuns(
  facts: RetentionFacts,
  noticing: Noticing,
  unsettled: Unsettled,
): RetentionAction[] {
  const { days, runs, rules } = facts;
  const keptMs = rules.runDays * DAY_MS;
  const actions: RetentionAction[] = [];
  for (const day of new Set([...days.keys(), ...runs.keys()].sort((a, b) => a - b))) {
    const row = days.get(day) ?? { entries: {}, selectable: {} };
    const retired = retirements(facts, noticing, day, row);
    actions.push(...retired, ...removals(facts, day, row));
    const gone = new Set(retired.map((a) => a.run));
    const flips = trimmedFlips({ ...row, selectable: without(row, gone) }, facts.now, rules);
    if (flips > 0) {
      const reason = `older than ${rules.flipDays} days, of runs that are gone`;
      actions.push({ do: "trim_flips", day, flips, reason, sizeBytes: 0 });
    }
    actions.push(...rollUps(facts, unsettled, day, row));
    actions.push(...lonelyStates(facts, noticing, day, keptMs));
  }
  for (const key of facts.plans)
    if (noticing.since(`plan/${key}`, keptMs)) {
      const reason = `a heal planned more than ${rules.runDays} days ago`;
      actions.push({ do: "drop_plan", key, reason, sizeBytes: 0 });
    }
  for (const [key, span] of facts.spans)
    for (const run of span.replaced ?? [])
      if (run !== span.run && noticing.since(`span/${run}`, READERS_MS)) {
        const reason = "its week or month was rebuilt";
        actions.push({ do: "drop_span_run", key, run, reason, sizeBytes: 0 });
      }
  return actions;
}

const refsOf = (row: DayRow): (readonly [Fingerprint, RunRef])[] =>
  (Object.keys(row.selectable) as Fingerprint[]).flatMap((fp) =>
    (row.selectable[fp] ?? []).map((ref) => [fp, ref] as const),
  );

export const without = (row: DayRow, gone: ReadonlySet<string>): DayRow["selectable"] =>
  Object.fromEntries(
    Object.entries(row.selectable).map(([fp, refs]) => [fp, refs.filter((r) => !gone.has(r.run))]),
  );

type Retirement = Extract<RetentionAction, { readonly run: string; readonly day: UtcDay }>;

function retirements(
  { now, rules, runs }: RetentionFacts,
  noticing: Noticing,
  day: UtcDay,
  row: DayRow,
): Retirement[] {
  const keptMs = rules.runDays * DAY_MS;
  const shown = new Set(Object.values(row.entries).map((e) => e.run));
  const named = new Set([...shown, ...refsOf(row).map(([, ref]) => ref.run)]);
  const stored = runs.get(day) ?? [];
  const sizeOf = (run: string): number => stored.find((r) => r.run === run)?.sizeBytes ?? 0;
  const retired: Retirement[] = [];
  const retire = (run: string, reason: string): void => {
    retired.push({ do: "retire_run", day, run, reason, sizeBytes: sizeOf(run) });
  };
  for (const [fp, { run }] of refsOf(row)) {
    if (shown.has(run)) continue;
    const since = replacedAt(row, fp, run);
    const old = since === undefined ? noticing.since(`run/${run}`, keptMs) : now - since >= keptMs;
    if (old) retire(run, `replaced more than ${rules.runDays} days ago`);
  }
  for (const { run } of stored)
    if (
      !named.has(run) &&
      row.dropping?.[run] === undefined &&
      noticing.since(`run/${run}`, keptMs)
    )
      retire(run, `planned more than ${rules.runDays} days ago, and not shown`);
  return retired;
}

function removals({ now, runs }: RetentionFacts, day: UtcDay, row: DayRow): RetentionAction[] {
  return Object.entries(row.dropping ?? {}).flatMap(([run, at]): RetentionAction[] => {
    if (now - at < READERS_MS) return [];
    const sizeBytes = runs.get(day)?.find((r) => r.run === run)?.sizeBytes ?? 0;
    return [{ do: "drop_run", day, run, reason: "retired, and no reader is at it", sizeBytes }];
  });
}

const KEPT: Readonly<
  Record<RolledGrain, { readonly of: string; readonly days: (rules: RetentionRules) => number }>
> = {
  hour: { of: "minutes", days: (rules) => rules.minuteDays },
  day: { of: "hours", days: (rules) => rules.hourDays },
};

/** What cells of a metric may become, the longest first. States with a reach are read in parts of a day: they stay. */
function coarsest({ reducer }: Metric): readonly RolledGrain[] {
  const { beforeMs, afterMs } = reducer.reach;
  const [finest] = reducer.grains;
  const whole = beforeMs + afterMs === 0 && !reducer.inside && finest !== "day";
  const minutes = reducer.additive && finest === "minute";
  return [...(whole ? (["day"] as const) : []), ...(minutes ? (["hour"] as const) : [])];
}

function rollUps(
  { now, rules, metrics, runs }: RetentionFacts,
  unsettled: Unsettled,
  day: UtcDay,
  row: DayRow,
): RetentionAction[] {
  const ageDays = (now - (day + 1) * DAY_MS) / DAY_MS;
  return metrics.flatMap((metric): RetentionAction[] => {
    const fp = metric.fingerprint;
    const entry = row.entries[fp];
    if (!entry || entry.pinned || isUnsettled(unsettled, day, metric)) return [];
    const grain = coarsest(metric).find((g) => ageDays >= KEPT[g].days(rules));
    if (!grain || entry.grain === grain || entry.grain === "day") return [];
    const { run } = entry;
    const sizeBytes = runs.get(day)?.find((r) => r.run === run)?.sizeBytes ?? 0;
    const { of, days } = KEPT[grain];
    const reason = `${of} of ${formatDay(day)} are older than ${days(rules)} days`;
    return [{ do: "roll_up", day, fp, run, grain, reason, sizeBytes }];
  });
}

function lonelyStates(
  { runs, states, rules }: RetentionFacts,
  noticing: Noticing,
  day: UtcDay,
  keptMs: number,
): RetentionAction[] {
  const stored = states.get(day);
  const objects = runs.get(day) ?? [];
  if (!stored || objects.some((r) => !r.object)) return [];
  const used = new Set(objects.flatMap((r) => r.object?.partials ?? []));
  return stored.flatMap(({ key, sizeBytes }): RetentionAction[] => {
    if (used.has(key) || !noticing.since(`state/${key}`, keptMs)) return [];
    const reason = `no run has needed it for ${rules.runDays} days`;
    return [{ do: "drop_state", day, key, reason, sizeBytes }];
  });
}
