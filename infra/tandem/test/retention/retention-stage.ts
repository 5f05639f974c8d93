// A stage with retention: days of data sealed long ago, healed, rolled back; and everything that answers say of them.
import {
  Batch,
  inlineTasks,
  RETENTION_RULES,
  Retention,
  type RetentionRules,
} from "@tandem/batch-layer";
import {
  type Answer,
  count,
  DAY_MS,
  decimal,
  distinct,
  type Metric,
  metric,
  type ObjectStore,
  sum,
  user,
  type ViewStore,
} from "@tandem/shared-logic";
import { DATASET, SMALL_FILTERS, Stage, type Stores } from "../stories/stage.ts";

const shape = { unit: "things", version: 1, examples: [] };
export const METRICS: readonly Metric[] = [
  metric({ ...shape, name: "seen", title: "Seen", reducer: count(), by: [["event_type"]] }),
  metric({ ...shape, name: "people", title: "People", reducer: distinct(user()) }),
  metric({
    ...shape,
    name: "spent",
    title: "Spent",
    reducer: sum(decimal("properties.price", { scale: 2 })),
  }),
];

export interface Seen {
  readonly views?: ViewStore;
  readonly objects?: ObjectStore;
}

/** Retention that sees the stores through `seen`. */
export function retentionOf(
  stage: Stage,
  rules: Partial<RetentionRules> = {},
  { views = stage.ports.views, objects = stage.ports.objects }: Seen = {},
  metrics: readonly Metric[] = stage.metrics,
): Retention {
  const tasks = inlineTasks({ ...stage.unitPorts, objects }, (fp) =>
    metrics.find((m) => m.fingerprint === fp),
  );
  const ports = { ...stage.ports, ...stage.unitPorts, views, objects, tasks };
  const batch = new Batch(ports, DATASET, metrics);
  return new Retention(ports, batch, DATASET, metrics, { ...RETENTION_RULES, ...rules });
}

export const later = (stage: Stage, days: number): Promise<void> =>
  stage.clock.advance(days * DAY_MS);

type Shown = Pick<Answer, "points" | "missing" | "late_pending" | "degraded">;

/** What each metric says of days at a grain, without the names of runs. */
export async function shown(
  stage: Stage,
  days: readonly string[],
  params: Record<string, string> = {},
): Promise<object[]> {
  const told: object[] = [];
  for (const { name } of stage.metrics)
    for (const day of days) {
      const answer: Shown = await stage.day(name, day, params);
      const points = answer.points.map(({ run: _, ...rest }) => rest);
      const { missing, late_pending, degraded } = answer;
      told.push({ name, day, points, missing, late_pending, degraded });
    }
  return told;
}

export const counted = (actions: readonly { readonly do: string }[]): Record<string, number> => {
  const counts: Record<string, number> = {};
  for (const { do: name } of actions) counts[name] = (counts[name] ?? 0) + 1;
  return counts;
};

export const DAYS: readonly string[] = ["2026-03-02", "2026-03-03", "2026-03-04"];

/** Three days of twelve events each, sealed ten minutes after the last. */
export async function sealedStage(stores: Stores = {}): Promise<Stage> {
  const stage = await Stage.at("2026-03-02T00:00:00Z", METRICS, 1, SMALL_FILTERS, stores);
  stage.objectLimits = { records: 4, bytes: 1 << 20 };
  for (const day of DAYS) {
    await stage.until(`${day}T23:59:00Z`);
    await stage.send(
      ...Array.from({ length: 12 }, (_, i) => ({
        id: `${day}-${i}`,
        at: `${day}T${String(i + 3).padStart(2, "0")}:${10 + i}:00Z`,
        user: `u${i % 5}`,
        price: i / 4,
      })),
    );
  }
  await stage.until("2026-03-05T00:10:00Z");
  await stage.fold();
  await stage.seal();
  await stage.fold();
  return stage;
}
