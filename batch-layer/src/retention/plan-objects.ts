// Which archive objects move to the cold place and which are given up. Pure. An object is as old as its newest event,
// by the day it counts for and by when it was received; it stays where it is while some unsettled day needs it.
import { coldKey, DAY_MS, EXPIRED, type ManifestEntry } from "@tandem/shared-logic";
import { inputsOf } from "../unit.ts";
import type { RetentionAction, RetentionFacts } from "./retention-facts.ts";
import type { Unsettled } from "./unsettled-days.ts";

type Facts = Pick<RetentionFacts, "now" | "rules" | "archive" | "stored">;

export function planObjects(facts: Facts, unsettled: Unsettled): RetentionAction[] {
  const actions: RetentionAction[] = [];
  const { now, rules, archive, stored } = facts;
  for (const entries of archive.manifest) {
    const needed = neededOf(entries, unsettled);
    let newestMs: number | undefined;
    for (const e of entries) {
      const { partition, from, to, object, sizeBytes, lost } = e;
      const [hot, cold] = [stored.has(object), stored.has(coldKey(object))];
      const place = { partition, from, to, object, sizeBytes };
      // Objects without events (cuts alone) are as old as what came before them.
      newestMs = endMs(e) ?? newestMs;
      if (lost) {
        if (lost.why === EXPIRED && (hot || cold))
          actions.push({ do: "drop_object", ...place, reason: "given up before" });
        continue;
      }
      if (unsettled.blind || needed.has(e) || newestMs === undefined) continue;
      const ageDays = (now - newestMs) / DAY_MS;
      if (ageDays >= rules.rawDays)
        actions.push({ do: "drop_object", ...place, reason: `older than ${rules.rawDays} days` });
      else if (hot && ageDays >= rules.hotDays)
        actions.push({ do: "move_object", ...place, reason: `older than ${rules.hotDays} days` });
    }
  }
  return actions;
}

function endMs({ days, sentDays, receivedMs, lost }: ManifestEntry): number | undefined {
  const all = Object.keys({ ...days, ...sentDays, ...lost?.days }).map(Number);
  return all.length > 0 ? Math.max((Math.max(...all) + 1) * DAY_MS, receivedMs ?? 0) : undefined;
}

/** What a run of an unsettled day would read. */
function neededOf(
  entries: readonly ManifestEntry[],
  { days }: Unsettled,
): ReadonlySet<ManifestEntry> {
  const needed = new Set<ManifestEntry>();
  for (const [metric, own] of days)
    for (const day of own)
      for (const e of inputsOf(entries, Number.POSITIVE_INFINITY, [metric], day)) needed.add(e);
  return needed;
}
