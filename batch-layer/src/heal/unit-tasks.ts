// How the partial states of one unit come about: those that exist are not made again, those of which an older
// state is kept are healed from it, the others are folded from the archive.
import {
  type DayRow,
  type Fingerprint,
  getOrMake,
  type ManifestEntry,
  type Metric,
  type ObjectStore,
  type UtcDay,
} from "@tandem/shared-logic";
import { partialKey, type Sha256 } from "../run-id.ts";
import type { HealUnitTask, UnitTask } from "../tasks.ts";
import { inputsOf } from "../unit.ts";
import { addedEntries, hull } from "./heal-unit.ts";

export interface UnitPlace {
  readonly dataset: string;
  readonly partition: number;
  readonly day: UtcDay;
  /** Of the partition, in offset order. */
  readonly entries: readonly ManifestEntry[];
  /** V of the partition. */
  readonly below: number;
  /** The day's ledger row: its runs name the states that may be gone on from. */
  readonly row: DayRow;
}

/** Records and bytes of the archive that a task opens at most, from the manifest alone. */
export interface ReadCost {
  readonly rows: number;
  readonly bytes: number;
}

export interface UnitPlan {
  readonly keys: ReadonlyMap<Fingerprint, string>;
  readonly tasks: readonly (UnitTask | HealUnitTask)[];
  readonly cost: ReadCost;
}

interface Ports {
  readonly objects: Pick<ObjectStore, "getRange">;
  readonly sha256: Sha256;
}

const NO_COST: ReadCost = { rows: 0, bytes: 0 };

export async function planUnit(
  ports: Ports,
  place: UnitPlace,
  metrics: readonly Metric[],
): Promise<UnitPlan> {
  const { dataset, partition, day, entries, below } = place;
  const keys = new Map<Fingerprint, string>();
  const whole: Metric[] = [];
  const healed = new Map<number, { metric: Metric; kept: string }[]>();
  for (const metric of metrics) {
    const key = keyAt(ports, place, metric, below);
    keys.set(metric.fingerprint, key);
    if (await exists(ports, key)) continue;
    const kept = await keptState(ports, place, metric);
    if (kept) getOrMake(healed, kept.above, () => []).push({ metric, kept: kept.key });
    else whole.push(metric);
  }
  const keyOf = (m: Metric): string => keys.get(m.fingerprint) ?? "";
  const tasks: (UnitTask | HealUnitTask)[] = [];
  let cost = NO_COST;
  if (whole.length > 0) {
    const inputs = inputsOf(entries, below, whole, day);
    const wanted = whole.map((m) => ({ fingerprint: m.fingerprint, key: keyOf(m) }));
    tasks.push({ task: "unit", dataset, partition, day, inputs, metrics: wanted });
    cost = plus(cost, costOf(inputs));
  }
  for (const [above, group] of healed) {
    const own = group.map((g) => g.metric);
    const inputs = inputsOf(entries, below, own, day);
    const wanted = group.map(({ metric, kept }) => ({
      fingerprint: metric.fingerprint,
      kept,
      key: keyOf(metric),
    }));
    tasks.push({ task: "heal-unit", dataset, partition, day, above, inputs, metrics: wanted });
    cost = plus(cost, healCost(inputs, above, own, day));
  }
  return { keys, tasks, cost };
}

const exists = async ({ objects }: Ports, key: string): Promise<boolean> =>
  (await objects.getRange(key, 0, 1)) !== undefined;

const keyAt = (ports: Ports, place: UnitPlace, metric: Metric, below: number): string => {
  const inputs = inputsOf(place.entries, below, [metric], place.day);
  const { dataset, day, partition } = place;
  return partialKey(ports.sha256, dataset, metric.fingerprint, day, partition, inputs);
};

/** The newest kept state at or below V. */
async function keptState(
  ports: Ports,
  place: UnitPlace,
  metric: Metric,
): Promise<{ readonly key: string; readonly above: number } | undefined> {
  const { row, partition, below } = place;
  const entry = row.entries[metric.fingerprint];
  const refs = [...(entry ? [entry] : []), ...(row.selectable[metric.fingerprint] ?? [])];
  const offsets = new Set(refs.map((r) => r.v[partition] ?? 0));
  for (const above of [...offsets].filter((v) => v <= below).sort((a, b) => b - a)) {
    const key = keyAt(ports, place, metric, above);
    if (await exists(ports, key)) return { key, above };
  }
  return undefined;
}

export const plus = (a: ReadCost, b: ReadCost): ReadCost => ({
  rows: a.rows + b.rows,
  bytes: a.bytes + b.bytes,
});

const costOf = (entries: readonly ManifestEntry[]): ReadCost => ({
  rows: entries.reduce((n, e) => n + e.events + e.cuts + e.dead, 0),
  bytes: entries.reduce((n, e) => n + e.sizeBytes, 0),
});

/** Late records are read, and the ids of what was sent on the same days. */
function healCost(
  inputs: readonly ManifestEntry[],
  above: number,
  metrics: readonly Metric[],
  day: UtcDay,
): ReadCost {
  const added = addedEntries({ inputs, above }, hull(metrics, day));
  const sent = new Set(added.flatMap((e) => Object.keys(e.sentDays)));
  const searched = inputs.filter((e) => Object.keys(e.sentDays).some((s) => sent.has(s)));
  return plus(costOf(added), costOf(searched.filter((e) => !added.includes(e))));
}
