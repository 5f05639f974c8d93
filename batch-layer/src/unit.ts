// A unit: one day of one partition below V, folded exactly. Duplicates are found byte by byte among all
// records with the same as-sent day, so that the copy with the lowest offset wins wherever it was put.
// Its result, the exact states of the day's cells and of their reach, is kept as an object per metric.
import {
  type ArchiveCodec,
  DAY_MS,
  type EpochMs,
  type EventColumns,
  encodePartial,
  type Fingerprint,
  Fold,
  GRAIN_MS,
  type Interner,
  type ManifestEntry,
  type Metric,
  type ObjectStore,
  type PartialRow,
  ROW_EVENT,
  readArchived,
  TandemError,
  type UtcDay,
  type Window,
} from "@tandem/shared-logic";
import { FirstCopies } from "./first-copies.ts";

export interface UnitRequest {
  readonly dataset: string;
  readonly partition: number;
  readonly day: UtcDay;
  /** Entries of the partition below V that hold the day ± reach, or copies of its events. In offset order. */
  readonly inputs: readonly ManifestEntry[];
  /** Each with the key its partial state is stored under. */
  readonly metrics: readonly { readonly fingerprint: Fingerprint; readonly key: string }[];
}

export interface UnitPorts {
  readonly objects: ObjectStore;
  readonly codec: ArchiveCodec;
  /** Lower-case hex. */
  readonly sha256: (bytes: Uint8Array) => string;
}

/** Cells that a run of `day` holds for a metric: the day's own and those its reach touches. */
export function cellRange(metric: Metric, day: UtcDay): Window {
  const { reach, grains } = metric.reducer;
  const cellMs = GRAIN_MS[grains[0] ?? "hour"];
  const from = Math.floor((day * DAY_MS - reach.beforeMs) / cellMs) * cellMs;
  const until = Math.ceil(((day + 1) * DAY_MS + reach.afterMs) / cellMs) * cellMs;
  return { from: from as EpochMs, until: until as EpochMs };
}

/** Entries a unit must read, from the manifest alone. */
export function inputsOf(
  entries: readonly ManifestEntry[],
  below: number,
  metrics: readonly Metric[],
  day: UtcDay,
): ManifestEntry[] {
  let [first, last] = [day as number, day as number];
  for (const m of metrics) {
    const range = cellRange(m, day);
    first = Math.min(first, Math.floor(range.from / DAY_MS));
    last = Math.max(last, Math.floor((range.until - 1) / DAY_MS));
  }
  const usable = entries.filter((e) => e.to <= below);
  const sent = new Set<string>();
  for (const e of usable) {
    for (let x = first; x <= last; x++) {
      if (e.days[x]) for (const s of Object.keys(e.sentDays)) sent.add(s);
    }
  }
  return usable.filter((e) => Object.keys(e.sentDays).some((s) => sent.has(s)));
}

/** Computes and stores the partial states of a unit. */
export async function runUnit(
  ports: UnitPorts,
  request: UnitRequest,
  metrics: readonly Metric[],
): Promise<void> {
  const folds = foldsOf(metrics, request.day);
  // Shared by all objects of the unit: a text is looked at once per object and has one code in all.
  const interners = new Map<string, Interner>();
  const first = new FirstCopies(request.inputs.reduce((sum, e) => sum + e.events, 0));
  let rows = new Uint32Array(1024);
  let sure = new Uint8Array(1024);
  for (const entry of request.inputs) {
    const bytes = await verified(ports, entry);
    const columns = await ports.codec.columns(
      bytes,
      ["event_id", ...new Set(folds.flatMap((f) => f.fold.fields))],
      interners,
    );
    if (rows.length < columns.count) {
      rows = new Uint32Array(columns.count);
      sure = new Uint8Array(columns.count);
    }
    const fresh = first.select(columns);
    for (const { range, fold } of folds) {
      let n = 0;
      for (let i = 0; i < fresh.length; i++) {
        const row = fresh[i]!;
        const at = columns.timeMs[row]!;
        if (at >= range.from && at < range.until) rows[n++] = row;
      }
      fold.fold(columns, rows, sure, n);
      if (!fold.readsCopies) continue;
      const copies = copiesIn(columns, fresh, range);
      fold.foldCopies(columns, copies, copies.length);
    }
  }
  first.release();
  for (const interner of interners.values()) interner.release();
  for (const { fingerprint, key } of request.metrics) {
    const metric = metrics.find((m) => m.fingerprint === fingerprint);
    const fold = folds.find((f) => f.fold.metrics.some((m) => m.fingerprint === fingerprint))?.fold;
    if (!metric || !fold) throw new TandemError("metric_missing", { details: { fingerprint } });
    const own: PartialRow[] = [];
    for (const row of fold.rows()) if (row.metric.fingerprint === fingerprint) own.push(row);
    await ports.objects.putIfAbsent(key, encodePartial(own));
  }
}

/** Events of a range that are not among the fresh ones. */
function copiesIn(columns: EventColumns, fresh: Uint32Array, { from, until }: Window): Uint32Array {
  const copies: number[] = [];
  let next = 0;
  for (let row = 0; row < columns.count; row++) {
    if (row === fresh[next]) next++;
    else if (columns.rowKinds[row] === ROW_EVENT) {
      const at = columns.timeMs[row]!;
      if (at >= from && at < until) copies.push(row);
    }
  }
  return Uint32Array.from(copies);
}

/** An object's bytes, once they have the SHA-256 that the manifest states. */
export async function verified(ports: UnitPorts, entry: ManifestEntry): Promise<Uint8Array> {
  const good = (bytes: Uint8Array): boolean => ports.sha256(bytes) === entry.sha256;
  const bytes = await readArchived(ports.objects, entry, good);
  if (!bytes) throw new TandemError("object_missing", { details: { object: entry.object } });
  const sha256 = ports.sha256(bytes);
  if (sha256 !== entry.sha256) {
    throw new TandemError("object_damaged", {
      details: { object: entry.object, expected: entry.sha256, got: sha256 },
    });
  }
  return bytes;
}

/** One fold per range of cells: a metric without reach must not see its neighbours' events. */
export function foldsOf(
  metrics: readonly Metric[],
  day: UtcDay,
): { readonly range: Window; readonly fold: Fold }[] {
  const byRange = new Map<string, { range: Window; metrics: Metric[] }>();
  for (const metric of metrics) {
    const range = cellRange(metric, day);
    const key = `${range.from}|${range.until}`;
    const group = byRange.get(key) ?? { range, metrics: [] };
    group.metrics.push(metric);
    byRange.set(key, group);
  }
  return [...byRange.values()].map((g) => ({
    range: g.range,
    fold: new Fold(g.metrics, "exact", Number.POSITIVE_INFINITY),
  }));
}
