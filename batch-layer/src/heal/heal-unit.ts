// Heals a unit: the exact states kept at an older V plus the records from there up to the new V. Copies are
// looked for in the ids of all records with the same as-sent day. The bytes are those of a full unit over
// the same inputs, under the same key, so that whoever comes first is right.
import {
  ColumnScanner,
  DAY_MS,
  type EventColumns,
  type Fingerprint,
  getOrMake,
  type ManifestEntry,
  type Metric,
  type PartialRow,
  ROW_EVENT,
  TandemError,
  type UtcDay,
  type Window,
} from "@tandem/shared-logic";
import { readPartial } from "../read-partial.ts";
import { cellRange, foldsOf, type UnitPorts, verified } from "../unit.ts";
import type { FreshStates } from "./fresh-states.ts";
import { LateRows, settleSuspects } from "./late-rows.ts";
import { patchPartial } from "./patch-partial.ts";

export interface HealUnitRequest {
  readonly dataset: string;
  readonly partition: number;
  readonly day: UtcDay;
  /** The kept states hold what lies below it. */
  readonly above: number;
  /** As a full unit's. */
  readonly inputs: readonly ManifestEntry[];
  /** `kept`: key of the state to go on from. */
  readonly metrics: readonly {
    readonly fingerprint: Fingerprint;
    readonly kept: string;
    readonly key: string;
  }[];
}

/** A row is picked out of its object where no more than this share of the rows is wanted. */
const FEW = 1 / 4;

export async function healUnit(
  ports: UnitPorts,
  request: HealUnitRequest,
  metrics: readonly Metric[],
  fresh?: FreshStates,
): Promise<void> {
  const folds = foldsOf(metrics, request.day);
  const range = hull(metrics, request.day);
  const late = new LateRows();
  const added: { entry: ManifestEntry; rows: number[]; late: readonly { copy: boolean }[] }[] = [];
  for (const entry of addedEntries(request, range)) {
    const columns = await ports.codec.columns(await verified(ports, entry), ["event_id", "tenant"]);
    const rows = rowsWithin(columns, range);
    if (rows.length > 0) added.push({ entry, rows, late: late.add(columns, rows) });
  }
  for (const entry of request.inputs) {
    if (!late.concerns(entry.sentDays)) continue;
    const bytes = await verified(ports, entry);
    const suspects = late.suspects(await ports.codec.columns(bytes, []));
    if (suspects.length > 0)
      settleSuspects(await ports.codec.columns(bytes, ["event_id", "tenant"]), suspects);
  }
  const copies = folds.some(({ fold }) => fold.readsCopies);
  const fields = [...new Set(folds.flatMap((f) => f.fold.fields))];
  for (const { entry, rows, late } of added) {
    for (const copy of copies ? [false, true] : [false]) {
      const own = rows.filter((_, i) => late[i]?.copy === copy);
      if (own.length === 0) continue;
      const [columns, at] = await columnsOf(ports, entry, own, fields);
      const picked = new Uint32Array(own.length);
      const sure = new Uint8Array(own.length);
      for (const { range, fold } of folds) {
        let n = 0;
        for (const row of at) {
          const time = columns.timeMs[row]!;
          if (time >= range.from && time < range.until) picked[n++] = row;
        }
        if (copy) fold.foldCopies(columns, picked, n);
        else fold.fold(columns, picked, sure, n);
      }
    }
  }
  const rows = new Map<Fingerprint, PartialRow[]>();
  for (const { fold } of folds)
    for (const row of fold.rows()) getOrMake(rows, row.metric.fingerprint, () => []).push(row);
  for (const { fingerprint, kept, key } of request.metrics) {
    const metric = metrics.find((m) => m.fingerprint === fingerprint);
    if (!metric) throw new TandemError("metric_missing", { details: { fingerprint } });
    const before = await readPartial(ports.objects, kept);
    const after = patchPartial(metric, before, rows.get(fingerprint) ?? []);
    await ports.objects.putIfAbsent(key, after.bytes);
    fresh?.put(kept, before);
    fresh?.put(key, after);
  }
}

/** Entries that may hold events which the kept states do not. */
export function addedEntries(
  { inputs, above }: Pick<HealUnitRequest, "inputs" | "above">,
  range: Window,
): ManifestEntry[] {
  const [first, last] = [Math.floor(range.from / DAY_MS), Math.floor((range.until - 1) / DAY_MS)];
  return inputs.filter(
    (e) =>
      e.from >= above && Object.keys(e.days).some((d) => Number(d) >= first && Number(d) <= last),
  );
}

/** The cells of all the metrics of a day. */
export function hull(metrics: readonly Metric[], day: UtcDay): Window {
  const ranges = metrics.map((m) => cellRange(m, day));
  return {
    from: Math.min(...ranges.map((r) => r.from)) as Window["from"],
    until: Math.max(...ranges.map((r) => r.until)) as Window["until"],
  };
}

function rowsWithin(columns: EventColumns, { from, until }: Window): number[] {
  const rows: number[] = [];
  for (let row = 0; row < columns.count; row++) {
    const at = columns.timeMs[row]!;
    if (columns.rowKinds[row] === ROW_EVENT && at >= from && at < until) rows.push(row);
  }
  return rows;
}

/** Columns in which the wanted rows stand, and where: of a few rows alone, their bodies alone are read. */
async function columnsOf(
  ports: UnitPorts,
  entry: ManifestEntry,
  rows: readonly number[],
  fields: readonly string[],
): Promise<[EventColumns, readonly number[]]> {
  const bytes = await verified(ports, entry);
  if (rows.length > FEW * (entry.events + entry.cuts + entry.dead))
    return [await ports.codec.columns(bytes, fields), rows];
  const records = await ports.codec.records(bytes, rows);
  return [new ColumnScanner(fields).scan(records), rows.map((_, i) => i)];
}
