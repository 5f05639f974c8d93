// What may go, from plain facts alone. Pure. Nothing goes that a run which may be chosen, a pinned day, a day
// without its runs, late records that wait for a heal, or an as-of moment within its days still needs.
import { Noticing } from "./noticing.ts";
import { planObjects } from "./plan-objects.ts";
import { planRuns } from "./plan-runs.ts";
import { planSpeed } from "./plan-speed.ts";
import type { RetentionAction, RetentionFacts, RetentionPlan } from "./retention-facts.ts";
import { unsettledDays } from "./unsettled-days.ts";

export function planRetention(facts: RetentionFacts): RetentionPlan {
  const noticing = new Noticing(facts);
  const unsettled = unsettledDays(facts);
  const runs = planRuns(facts, noticing, unsettled);
  const retired = new Set(runs.flatMap((a) => (a.do === "retire_run" ? [a.run] : [])));
  const actions: RetentionAction[] = [
    ...runs,
    ...planSpeed(facts, retired, unsettled),
    ...planObjects(facts, unsettled),
  ];
  return { actions, noticed: noticing.noticed };
}
