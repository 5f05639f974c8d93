// A stage with replays, and hands that spoil what is stored.
import { parquetCodec } from "@tandem/adapters/parquet";
import {
  Batch,
  inlineTasks,
  type Promoted,
  type ReplayRequest,
  type ReplaySource,
  Replays,
  type StartedReplay,
} from "@tandem/batch-layer";
import { countedEntry, type RefetchPorts } from "@tandem/ingest";
import {
  encodeManifestEntry,
  formatDay,
  type ManifestEntry,
  type Metric,
  manifestKey,
  type ObjectStore,
  type RunRow,
  type ViewStore,
} from "@tandem/shared-logic";
import { type NotHeld, topicArchive } from "../../src/replay/topic-archive.ts";
import { LIMITS } from "../fsck/fsck-stage.ts";
import { DATASET, dayNamed, type Stage } from "../stories/stage.ts";

export interface Seen {
  readonly views?: ViewStore;
  readonly objects?: ObjectStore;
}

export function replaysOf(stage: Stage, seen: Seen = {}): Replays {
  const { metrics } = stage;
  const unitPorts = { ...stage.unitPorts, ...seen };
  const tasks = inlineTasks(unitPorts, (fp) => metrics.find((m) => m.fingerprint === fp));
  const ports = { ...stage.ports, ...unitPorts, tasks };
  return new Replays(ports, new Batch(ports, DATASET, metrics), DATASET, metrics);
}

export interface Started extends StartedReplay {
  readonly notHeld: readonly NotHeld[];
}

export async function start(
  stage: Stage,
  name: string,
  source: ReplaySource = "archive",
  o: Partial<ReplayRequest> & Seen = {},
): Promise<Started> {
  const { views: _, objects = stage.ports.objects, ...more } = o;
  const metrics = stage.metrics.map((m) => m.fingerprint).sort();
  const notHeld: NotHeld[] = [];
  const ports: RefetchPorts = { ...stage.ports, ...stage.unitPorts, objects };
  const facts = { dataset: { dataset: DATASET, genesis: [0] }, limits: LIMITS };
  const started = await replaysOf(stage, o).start(
    name,
    { source, metrics, ...more },
    {
      by: "ann",
      topic: (catalogue, below) =>
        topicArchive(ports, facts, catalogue, below, (r) => notHeld.push(r)),
    },
  );
  return { ...started, notHeld };
}

/** Days that differ, with what changes: metric, before and after of the whole day. */
export async function compare(stage: Stage, name: string): Promise<Record<string, string[]>> {
  const told: Record<string, string[]> = {};
  for await (const { day, metrics, moved } of replaysOf(stage).compare(name)) {
    const lines = metrics.flatMap((m) =>
      m.rows === 0
        ? []
        : m.totals.map((c) => `${m.metric.name} ${c.before ?? "-"} -> ${c.after ?? "-"}`),
    );
    const some = metrics.some((m) => m.rows > 0) && lines.length === 0 ? ["rows"] : [];
    const all = [...lines, ...some, ...moved.map(() => "moved")];
    if (all.length > 0) told[formatDay(day)] = all;
  }
  return told;
}

export async function promote(
  stage: Stage,
  name: string,
  seen: Seen = {},
): Promise<Record<string, Promoted>> {
  const told: Record<string, Promoted> = {};
  for await (const { day, promoted } of replaysOf(stage, seen).promote(name, "eva"))
    told[formatDay(day)] = promoted;
  return told;
}

/** How long serving keeps rows of runs, which nobody else changes. */
const KEPT_MS = 60_000;

/** Changes the stored rows of the run that a day shows, as a bug or a hand in the store would. */
export async function editRows(
  stage: Stage,
  day: string,
  metric: Metric,
  edit: (rows: RunRow[]) => RunRow[],
): Promise<string> {
  const { views } = stage.ports;
  const run = (await stage.ledger(day)).entries[metric.fingerprint]?.run ?? "";
  const rows: RunRow[] = [];
  for await (const some of views.scanRun(run)) rows.push(...some);
  await views.removeRun(run);
  await views.writeRun(run, edit(rows));
  // Until then serving may answer from rows that it kept.
  await stage.clock.advance(KEPT_MS);
  return run;
}

/** An archive object without its first record, with a manifest entry that says so: no check finds it. */
export async function editArchive(stage: Stage, entry: ManifestEntry): Promise<void> {
  const { objects, log } = stage.ports;
  const batch = await log.read(DATASET, 0, entry.from, 1 << 20);
  const n = batch.offsets.findIndex((at) => at >= entry.to);
  const until = n < 0 ? batch.count : n;
  const part = {
    ...batch,
    count: until - 1,
    to: entry.to,
    starts: batch.starts.subarray(1, until),
    ends: batch.ends.subarray(1, until),
    offsets: batch.offsets.subarray(1, until),
  };
  const bytes = await parquetCodec.encode(0, [part]);
  const place = { dataset: DATASET, partition: 0 };
  const { object, from, to } = entry;
  const counted = await countedEntry(stage.unitPorts, place, bytes, object, from, to, entry.seq);
  for (const key of [object, manifestKey(entry)]) await objects.remove(key);
  await objects.putIfAbsent(object, bytes);
  await objects.putIfAbsent(manifestKey(entry), encodeManifestEntry(counted));
}

export async function keysOf(stage: Stage, prefix = ""): Promise<string[]> {
  const keys: string[] = [];
  for await (const { key } of stage.ports.objects.list(prefix)) keys.push(key);
  return keys;
}

export const ofDay = (entry: ManifestEntry, day: string): number => entry.days[dayNamed(day)] ?? 0;
