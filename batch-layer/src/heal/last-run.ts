// What a day shows now, for a metric: the run whose rows a plan is held against. A metric that was edited has
// another fingerprint and no run of its own: then it is the run of what stood under its name before.
import {
  additiveReducer,
  type DayEntry,
  type DayRow,
  dayStart,
  descriptionText,
  type Fingerprint,
  fingerprintName,
  type Metric,
  type MetricDescription,
  metricKey,
  type ObjectStore,
  type RunObject,
  type RunRow,
  runObjectKey,
  type UtcDay,
  type ViewStore,
} from "@tandem/shared-logic";
import { atLeast } from "../publish.ts";
import { readPartial } from "../read-partial.ts";
import { type RunShape, shapeOf } from "./cells.ts";

export interface LastRun {
  readonly fingerprint: Fingerprint;
  readonly entry: DayEntry;
}

export function lastRun(row: DayRow, metric: Metric): LastRun | undefined {
  const own = row.entries[metric.fingerprint];
  if (own) return { fingerprint: metric.fingerprint, entry: own };
  let last: LastRun | undefined;
  for (const fp of Object.keys(row.entries).sort() as Fingerprint[]) {
    const entry = row.entries[fp];
    if (!entry || fingerprintName(fp).name !== metric.name) continue;
    if (!last || atLeast(entry.v, last.entry.v)) last = { fingerprint: fp, entry };
  }
  return last;
}

/** What the rows of the last run mean; undefined where nobody knows any more. */
export async function shapeOfLast(
  { objects }: Pick<Ports, "objects">,
  dataset: string,
  metric: Metric,
  last: LastRun,
): Promise<RunShape | undefined> {
  if (last.fingerprint === metric.fingerprint) return shapeOf(metric);
  const bytes = await objects.get(metricKey(dataset, last.fingerprint));
  if (!bytes) return undefined;
  const description = JSON.parse(new TextDecoder().decode(bytes)) as MetricDescription;
  const reducer = description.additive ? additiveReducer(description) : undefined;
  if (description.additive && !reducer) return undefined;
  const { sets, grains } = description;
  return { sets, grains, additive: reducer?.approx };
}

/** Keeps what the rows of these metrics mean, for the time after an edit. */
export async function describeMetrics(
  objects: Pick<ObjectStore, "putIfAbsent">,
  dataset: string,
  metrics: readonly Metric[],
): Promise<void> {
  for (const metric of metrics) {
    const bytes = new TextEncoder().encode(descriptionText(metric));
    await objects.putIfAbsent(metricKey(dataset, metric.fingerprint), bytes);
  }
}

interface Ports {
  readonly views: Pick<ViewStore, "readRun">;
  readonly objects: Pick<ObjectStore, "get">;
}

export async function readRunObject(
  { objects }: Pick<Ports, "objects">,
  dataset: string,
  run: string,
): Promise<RunObject | undefined> {
  const bytes = await objects.get(runObjectKey(dataset, run));
  return bytes && (JSON.parse(new TextDecoder().decode(bytes)) as RunObject);
}

/** Tenants that a run has rows of, from its partial states. */
export async function tenantsOfRun(
  ports: Ports,
  dataset: string,
  run: string,
): Promise<Set<string>> {
  const tenants = new Set<string>();
  for (const key of (await readRunObject(ports, dataset, run))?.partials ?? []) {
    for (const row of (await readPartial(ports.objects, key)).rows) tenants.add(row.tenant);
  }
  return tenants;
}

const AT_ONCE = 32;

/** The day's own rows of a run as they are stored, of these tenants. */
export async function readRunRows(
  { views }: Ports,
  shape: RunShape,
  day: UtcDay,
  run: string,
  tenants: Iterable<string>,
): Promise<RunRow[]> {
  const [from, until] = [dayStart(day), dayStart((day + 1) as UtcDay)];
  const grains = shape.additive ? shape.grains.slice(0, 1) : shape.grains;
  const queries = [...tenants].flatMap((tenant) =>
    shape.sets.flatMap((_, set) =>
      grains.map((grain) => ({ run, tenant, set, grain, from, until })),
    ),
  );
  const rows: RunRow[] = [];
  for (let i = 0; i < queries.length; i += AT_ONCE) {
    const found = await Promise.all(queries.slice(i, i + AT_ONCE).map((q) => views.readRun(q)));
    for (const part of found) rows.push(...part);
  }
  return rows;
}
