// Which archive objects move to the cold place, are downsampled, and are given up. Pure. An object is as old as its newest event,
// by the day it counts for and by when it was received; it stays where it is while some unsettled day needs it.
import {
  coldKey,
  DAY_MS,
  DOWNSAMPLED,
  EXPIRED,
  isExpired,
  type ManifestEntry,
  sampleKey,
  weightsKey,
} from "@tandem/shared-logic";
import { inputsOf } from "../unit.ts";
import type { RetentionAction, RetentionFacts } from "./retention-facts.ts";
import type { Unsettled } from "./unsettled-days.ts";

type Facts = Pick<RetentionFacts, "now" | "rules" | "archive" | "stored" | "row">;

export function planObjects(facts: Facts, unsettled: Unsettled): RetentionAction[] {
  const actions: RetentionAction[] = [];
  const { now, rules, archive, stored } = facts;
  for (const entries of archive.manifest) {
    const needed = neededOf(entries, unsettled);
    let newestMs: number | undefined;
    for (const e of entries) {
      const { partition, from, to, object, sizeBytes, sha256, lost } = e;
      const [hot, cold] = [stored.has(object), stored.has(coldKey(object))];
      const sample = stored.has(sampleKey(object)) || stored.has(weightsKey(object));
      const place = { partition, from, to, object, sizeBytes };
      // Objects without events (cuts alone) are as old as what came before them.
      newestMs = endMs(e) ?? newestMs;
      const ageDays = newestMs === undefined ? 0 : (now - newestMs) / DAY_MS;
      const reason = `older than ${rules.rawDays} days`;
      if (lost) {
        const given = lost.why === EXPIRED || lost.why === DOWNSAMPLED;
        if (given && (hot || cold))
          actions.push({ do: "drop_object", ...place, reason: "given up before" });
        if (given && sample && (lost.why === EXPIRED || ageDays >= rules.rawDays))
          actions.push({ do: "drop_sample", ...place, sizeBytes: 0, reason });
        continue;
      }
      if (unsettled.blind || needed.has(e) || newestMs === undefined) continue;
      const moves = hot && ageDays >= rules.hotDays;
      if (ageDays >= rules.rawDays) actions.push({ do: "drop_object", ...place, reason });
      else if (e.events > 0 && ageDays >= rules.downsampleDays && !isPlain(facts, place))
        actions.push({
          do: "downsample_object",
          ...place,
          sha256,
          thenMove: moves,
          reason: `one row a minute of ${rules.downsampleTypes.join(", ")} after ${rules.downsampleDays} days`,
        });
      else if (moves)
        actions.push({ do: "move_object", ...place, reason: `older than ${rules.hotDays} days` });
    }
  }
  return actions;
}

/** Nothing of it is to be downsampled, as far as is known. */
function isPlain({ row, rules }: Facts, place: Parameters<typeof isExpired>[1]): boolean {
  const { downsampleTypes: types } = rules;
  if (types.length === 0) return true;
  const known = row.plain;
  return known?.types.join("\n") === types.join("\n") && isExpired(known.ranges, place);
}

function endMs({ days, sentDays, receivedMs, lost }: ManifestEntry): number | undefined {
  const all = Object.keys({ ...days, ...sentDays, ...lost?.days }).map(Number);
  const received = receivedMs ?? lost?.receivedMs ?? 0;
  return all.length > 0 ? Math.max((Math.max(...all) + 1) * DAY_MS, received) : undefined;
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
