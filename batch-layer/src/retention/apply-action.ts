// Carries out one action of a retention plan. Each begins with the ledger as it is now, may be repeated, and may be cut
// short after any step: what was decided stands in the ledger before anything is removed.
import {
  type DayRow,
  dayKey,
  EMPTY_DAY,
  type EpochMs,
  formatDay,
  GOING,
  type Metric,
  runObjectKey,
  type SpanRow,
  sampleKey,
  type UtcDay,
  weightsKey,
} from "@tandem/shared-logic";
import { dropSegments } from "../drop-segments.ts";
import { readRunObject } from "../heal/last-run.ts";
import { casLedger, readLedger } from "../ledger.ts";
import { notDropping } from "../publish.ts";
import type { SealPorts } from "../seal.ts";
import { dropObject, moveObject } from "./archived-objects.ts";
import { trimmedFlips } from "./day-flips.ts";
import { downsampleObject } from "./downsample-object.ts";
import { without } from "./plan-runs.ts";
import { dayOfRun } from "./read-facts.ts";
import type { RetentionAction } from "./retention-facts.ts";
import { READERS_MS, type RetentionRules } from "./retention-rules.ts";
import { rollUpRun } from "./roll-up-run.ts";

export interface RetentionPlace {
  readonly dataset: string;
  readonly metrics: readonly Metric[];
  readonly partitions: number;
  readonly rules: RetentionRules;
  readonly now: EpochMs;
}

/** False where the ledger has moved on and the action no longer holds: the next plan knows better. */
export async function applyAction(
  ports: SealPorts,
  place: RetentionPlace,
  action: RetentionAction,
): Promise<boolean> {
  switch (action.do) {
    case "retire_run":
      return retireRun(ports, place, action.day, action.run);
    case "drop_run":
      return dropRun(ports, place, action.day, action.run);
    case "trim_flips":
      return changeDay(ports, place, action.day, (row) => {
        const n = Math.min(action.flips, trimmedFlips(row, place.now, place.rules));
        return n > 0 ? { ...row, flips: (row.flips ?? []).slice(n) } : undefined;
      });
    case "roll_up": {
      const metric = place.metrics.find((m) => m.fingerprint === action.fp);
      const { dataset, now: at } = place;
      const facts = metric && { dataset, metric, at, grain: action.grain };
      return facts ? rollUpRun(ports, facts, action.day, action.run) : false;
    }
    case "drop_state":
    case "drop_plan":
      await ports.objects.remove(action.key);
      return true;
    case "drop_span_run":
      return dropSpanRun(ports, action.key, action.run);
    case "drop_speed": {
      const metric = place.metrics.find((m) => m.fingerprint === action.fp);
      if (!metric) return false;
      return dropSegments(ports.views, place.dataset, metric, action.day, action.below);
    }
    case "move_object":
      return moveObject(ports, action.object);
    case "drop_object":
      await dropObject(ports, place.dataset, action, place.partitions);
      return true;
    case "downsample_object": {
      const { dataset, partitions, rules } = place;
      const downsampled = { dataset, partitions, types: rules.downsampleTypes };
      return downsampleObject(ports, downsampled, action);
    }
    case "drop_sample":
      await ports.objects.remove(sampleKey(action.object));
      await ports.objects.remove(weightsKey(action.object));
      return true;
  }
}

/** Undefined leaves the row as it is. */
async function changeDay(
  { views }: Pick<SealPorts, "views">,
  { dataset }: RetentionPlace,
  day: UtcDay,
  change: (row: DayRow) => DayRow | undefined,
): Promise<boolean> {
  const key = dayKey(dataset, day);
  for (;;) {
    const seen = await readLedger<DayRow>(views, key);
    const next = change(seen.value ?? EMPTY_DAY);
    if (!next) return false;
    if (await casLedger(views, key, seen, next)) return true;
  }
}

function retireRun(
  ports: SealPorts,
  place: RetentionPlace,
  day: UtcDay,
  run: string,
): Promise<boolean> {
  return changeDay(ports, place, day, (row) => {
    if (Object.values(row.entries).some((e) => e.run === run)) return undefined;
    if (row.dropping?.[run] !== undefined) return undefined;
    const selectable = without(row, new Set([run]));
    const dropping = { ...row.dropping, [run]: place.now };
    return { ...row, selectable, dropping };
  });
}

/** Rows, then states that no other run of the day has, then the run's object, then the ledger's note. */
async function dropRun(
  ports: SealPorts,
  place: RetentionPlace,
  day: UtcDay,
  run: string,
): Promise<boolean> {
  const { dataset, now } = place;
  // From here on nobody publishes it; who has proved its rows before this proves them again.
  const going = await changeDay(ports, place, day, (row) => {
    const at = row.dropping?.[run];
    const refs = [...Object.values(row.entries), ...Object.values(row.selectable).flat()];
    if (at === undefined || now - at < READERS_MS || refs.some((r) => r.run === run))
      return undefined;
    return { ...row, dropping: { ...row.dropping, [run]: GOING }, sweeps: (row.sweeps ?? 0) + 1 };
  });
  if (!going) return false;
  await ports.views.removeRun(run);
  const object = await readRunObject(ports, dataset, run);
  if (object) {
    const others = new Set<string>();
    const prefix = `runs/${dataset}/`;
    for await (const { key } of ports.objects.list(`${prefix}${formatDay(day)}-`)) {
      const other = key.slice(prefix.length, -".json".length);
      if (other === run || dayOfRun(other) !== day) continue;
      for (const state of (await readRunObject(ports, dataset, other))?.partials ?? [])
        others.add(state);
    }
    for (const key of object.partials) if (!others.has(key)) await ports.objects.remove(key);
    await ports.objects.remove(runObjectKey(dataset, run));
  }
  return changeDay(ports, place, day, (row) => notDropping(row, [run]));
}

async function dropSpanRun({ views }: SealPorts, key: string, run: string): Promise<boolean> {
  const before = (await readLedger<SpanRow>(views, key)).value;
  if (!before?.replaced?.includes(run) || before.run === run) return false;
  await views.removeRun(run);
  for (;;) {
    const seen = await readLedger<SpanRow>(views, key);
    if (!seen.value) return true;
    const { replaced, ...rest } = seen.value;
    const left = (replaced ?? []).filter((r) => r !== run);
    const next = left.length > 0 ? { ...rest, replaced: left } : rest;
    if (await casLedger(views, key, seen, next)) return true;
  }
}
