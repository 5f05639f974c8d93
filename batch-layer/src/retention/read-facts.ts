// Reads what a retention plan is made of. Ledger rows are read first: whatever is written after that is named by
// nothing yet, and only noticed.
import {
  type CutRow,
  coldKey,
  cutKey,
  type DayRow,
  dayKey,
  type EpochMs,
  type Fingerprint,
  type Metric,
  type ObjectStore,
  parseDay,
  type RetentionRow,
  retentionKey,
  type SpanRow,
  sampleKey,
  TandemError,
  type UtcDay,
  type ViewStore,
} from "@tandem/shared-logic";
import { readRunObject } from "../heal/last-run.ts";
import { readLedger } from "../ledger.ts";
import type { Archive } from "../plan.ts";
import type { RetentionFacts, StoredRun, StoredState } from "./retention-facts.ts";
import type { RetentionRules } from "./retention-rules.ts";

export interface ReadFactsParts {
  readonly views: Pick<ViewStore, "ledger" | "ledgerRows" | "dropped">;
  readonly objects: Pick<ObjectStore, "get" | "list">;
  readonly dataset: string;
  readonly metrics: readonly Metric[];
  readonly archive: Archive;
  readonly rules: RetentionRules;
  readonly now: EpochMs;
}

export const NO_RETENTION: RetentionRow = { expired: [], noticed: {} };

export async function readFacts(parts: ReadFactsParts): Promise<RetentionFacts> {
  const { views, dataset, metrics, archive, rules, now } = parts;
  const days = await readDays(parts);
  const cutRow = (await readLedger<CutRow>(views, cutKey(dataset))).value;
  if (!cutRow)
    throw new TandemError("configuration", { message: `dataset ${dataset} was not created` });
  const row = (await readLedger<RetentionRow>(views, retentionKey(dataset))).value ?? NO_RETENTION;
  const spans = new Map<string, SpanRow>();
  for (const { key, value } of await views.ledgerRows(`span/${dataset}/`))
    spans.set(key, JSON.parse(value) as SpanRow);
  const stored = new Set<string>();
  const prefix = `archive/${dataset}/`;
  for (const place of [prefix, coldKey(prefix), sampleKey(prefix)])
    for await (const { key } of parts.objects.list(place)) stored.add(key);
  const plans: string[] = [];
  for await (const { key } of parts.objects.list(`heals/${dataset}/`)) plans.push(key);
  const { runs, states } = await readRuns(parts, days);
  const dropped = await readDropped(parts, days);
  const kept = { runs, states, plans, spans, stored };
  return { now, rules, metrics, cutRow, days, archive, row, dropped, ...kept };
}

async function readDays({ views, dataset }: ReadFactsParts): Promise<Map<UtcDay, DayRow>> {
  const prefix = dayKey(dataset, 0 as UtcDay).slice(0, -1);
  const rows = (await views.ledgerRows(prefix)).map(({ key, value }) => {
    return [Number(key.slice(prefix.length)) as UtcDay, JSON.parse(value) as DayRow] as const;
  });
  return new Map(rows.sort(([a], [b]) => a - b));
}

/** Of days on which nothing is but the runs shown, no object is read. */
async function readRuns(
  parts: ReadFactsParts,
  days: ReadonlyMap<UtcDay, DayRow>,
): Promise<Pick<RetentionFacts, "runs" | "states">> {
  const { objects, dataset, archive } = parts;
  const listed = new Map<UtcDay, { run: string; sizeBytes: number }[]>();
  const push = <T>(map: Map<UtcDay, T[]>, day: UtcDay, item: T): void => {
    const own = map.get(day);
    if (own) own.push(item);
    else map.set(day, [item]);
  };
  const runPrefix = `runs/${dataset}/`;
  for await (const { key, sizeBytes } of objects.list(runPrefix)) {
    const run = key.slice(runPrefix.length, -".json".length);
    const day = dayOfRun(run);
    if (day !== undefined) push(listed, day, { run, sizeBytes });
  }
  const stored = new Map<UtcDay, StoredState[]>();
  for await (const { key, sizeBytes } of objects.list(`states/${dataset}/`)) {
    const day = parseDay(key.split("/").at(-2) ?? "");
    if (day !== undefined) push(stored, day, { key, sizeBytes });
  }
  const runs = new Map<UtcDay, StoredRun[]>();
  const states = new Map<UtcDay, StoredState[]>();
  for (const day of new Set([...listed.keys(), ...stored.keys()])) {
    const own = listed.get(day) ?? [];
    const shown = Object.values(days.get(day)?.entries ?? {}).map((e) => e.run);
    const usual = own.length === shown.length && own.every(({ run }) => shown.includes(run));
    const fewStates = (stored.get(day)?.length ?? 0) <= own.length * archive.genesis.length;
    if (usual && fewStates) {
      runs.set(day, own);
      continue;
    }
    const sizes = new Map(stored.get(day)?.map((s) => [s.key, s.sizeBytes]));
    const read: StoredRun[] = [];
    for (const { run, sizeBytes } of own) {
      const object = await readRunObject({ objects }, dataset, run);
      const bytes = object?.partials.reduce((n, key) => n + (sizes.get(key) ?? 0), sizeBytes);
      read.push({ run, sizeBytes: bytes ?? sizeBytes, ...(object ? { object } : {}) });
    }
    runs.set(day, read);
    if (read.every((r) => r.object)) states.set(day, stored.get(day) ?? []);
  }
  return { runs, states };
}

/** A run's id begins with its day. */
export const dayOfRun = (run: string): UtcDay | undefined =>
  parseDay(run.slice(0, run.lastIndexOf("-")));

async function readDropped(
  { views, dataset, metrics, archive }: ReadFactsParts,
  days: ReadonlyMap<UtcDay, DayRow>,
): Promise<Map<Fingerprint, ReadonlyMap<UtcDay, readonly number[]>>> {
  const found = new Map<Fingerprint, ReadonlyMap<UtcDay, readonly number[]>>();
  const all = [...days.keys()];
  const [first, last] = [all[0], all.at(-1)];
  if (first === undefined || last === undefined) return found;
  for (const { fingerprint } of metrics) {
    const until = (last + 1) as UtcDay;
    const partitions = archive.genesis.length;
    found.set(fingerprint, await views.dropped(dataset, fingerprint, first, until, partitions));
  }
  return found;
}
