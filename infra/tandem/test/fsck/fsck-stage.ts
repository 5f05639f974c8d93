// A stage whose archive has some two hundred objects over three days, ways to damage one, and the check over it.
import { inlineTasks } from "@tandem/batch-layer";
import {
  type Answer,
  below,
  count,
  decimal,
  distinct,
  type ManifestEntry,
  type Metric,
  metric,
  type Random,
  readManifest,
  sum,
  user,
} from "@tandem/shared-logic";
import { checkStore } from "../../src/fsck/check-store.ts";
import type { FsckReport } from "../../src/fsck/fsck-report.ts";
import { DATASET, Stage, type Told } from "../stories/stage.ts";

export const DAYS = ["2026-03-02", "2026-03-03", "2026-03-04"];
export const LIMITS = { records: 4, bytes: 1 << 20 };
const shape = { unit: "things", version: 1, examples: [] };
export const METRICS: readonly Metric[] = [
  metric({ ...shape, name: "seen", title: "Seen", reducer: count() }),
  metric({ ...shape, name: "people", title: "People", reducer: distinct(user()) }),
  metric({
    ...shape,
    name: "spent",
    title: "Spent",
    reducer: sum(decimal("properties.price", { scale: 2 })),
  }),
];

export function eventsOf(random: Random, day: string, n: number, prefix: string): Told[] {
  return Array.from({ length: n }, (_, i) => ({
    id: `${prefix}-${day}-${i}`,
    at: `${day}T${String(below(random, 24)).padStart(2, "0")}:30:00Z`,
    user: `u${below(random, 40)}`,
    price: below(random, 1000) / 100,
  }));
}

/** 200 objects: about 67 a day, sealed. */
export async function sealedStage(random: Random, objects = 200): Promise<Stage> {
  const stage = await Stage.at("2026-03-02T00:00:00Z", METRICS);
  stage.objectLimits = LIMITS;
  for (const day of DAYS) {
    await stage.until(`${day}T23:59:00Z`);
    await stage.send(
      ...eventsOf(random, day, Math.ceil((objects * LIMITS.records) / DAYS.length), "e"),
    );
  }
  await stage.until("2026-03-05T00:10:00Z");
  await stage.fold();
  await stage.seal();
  await stage.fold();
  await stage.worker.checkpoint();
  return stage;
}

export const entriesOf = (stage: Stage): Promise<ManifestEntry[]> =>
  readManifest(stage.ports.objects, DATASET, 0, 0);

export type Damage = "deleted" | "flipped" | "truncated" | "swapped";
export const DAMAGES: readonly Damage[] = ["deleted", "flipped", "truncated", "swapped"];

/** Damages the object of one entry; for `swapped` that of another one too. Resolves to the keys. */
export async function damage(
  stage: Stage,
  random: Random,
  kind: Damage,
  entry: ManifestEntry,
  other: ManifestEntry,
): Promise<string[]> {
  const { objects } = stage.ports;
  const own = await bytesOf(stage, entry.object);
  const replace = async (key: string, bytes: Uint8Array): Promise<void> => {
    await objects.remove(key);
    await objects.putIfAbsent(key, bytes);
  };
  if (kind === "deleted") await objects.remove(entry.object);
  else if (kind === "truncated")
    await replace(entry.object, own.slice(0, below(random, own.length)));
  else if (kind === "flipped") {
    const bytes = own.slice();
    const at = below(random, bytes.length);
    bytes[at] = (bytes[at] ?? 0) ^ (1 << below(random, 8));
    await replace(entry.object, bytes);
  } else {
    await replace(entry.object, await bytesOf(stage, other.object));
    await replace(other.object, own);
    return [entry.object, other.object].sort();
  }
  return [entry.object];
}

export async function bytesOf(stage: Stage, key: string): Promise<Uint8Array> {
  const bytes = await stage.ports.objects.get(key);
  if (!bytes) throw new RangeError(key);
  return bytes.slice();
}

export function fsck(stage: Stage, repair = false, more: object = {}): Promise<FsckReport> {
  const tasks = inlineTasks(stage.unitPorts, (fp) =>
    stage.metrics.find((m) => m.fingerprint === fp),
  );
  const facts = {
    dataset: { dataset: DATASET, genesis: [0] },
    metrics: stage.metrics,
    limits: LIMITS,
  };
  return checkStore({ ...stage.ports, ...stage.unitPorts, tasks }, facts, {
    repair,
    by: "ann",
    ...more,
  });
}

type Shown = Pick<Answer, "metric" | "points" | "missing">;

/** What every metric says of every day. */
export async function shown(stage: Stage, layer = "both"): Promise<Shown[]> {
  const answers: Shown[] = [];
  for (const m of stage.metrics)
    for (const day of DAYS) {
      const { metric, points, missing } = await stage.day(m.name, day, { layer });
      answers.push({ metric, points, missing });
    }
  return answers;
}
