// The archived events of one tenant that a day's run of a metric is made of, each once: what a run is computed
// from, kept as columns so that any part of them can be computed again.
import {
  type EventColumns,
  type Interner,
  type ManifestEntry,
  type Metric,
  RECORD_HEADER_BYTES,
  RECORD_MAGIC,
  type RecordBatch,
  type UtcDay,
} from "@tandem/shared-logic";
import { FirstCopies } from "../first-copies.ts";
import type { Archive } from "../plan.ts";
import { cellRange, foldsOf, inputsOf, type UnitPorts, verified } from "../unit.ts";

export interface ObjectRows {
  readonly partition: number;
  readonly entry: ManifestEntry;
  readonly columns: EventColumns;
}

/** Event i is row `rows[i]` of `objects[of[i]]`; by partition, in offset order. */
export interface DayEvents {
  readonly objects: readonly ObjectRows[];
  readonly of: readonly number[];
  readonly rows: readonly number[];
}

export interface DayEventsRequest {
  readonly archive: Archive;
  /** Exclusive, by partition. */
  readonly below: readonly number[];
  readonly day: UtcDay;
  readonly tenant: string;
}

/** Objects to be read for it. */
export const objectsOfDay = (
  { archive, below, day }: Omit<DayEventsRequest, "tenant">,
  metrics: readonly Metric[],
): ManifestEntry[][] =>
  archive.manifest.map((entries, p) => inputsOf(entries, below[p] ?? 0, metrics, day));

export async function readDayEvents(
  ports: UnitPorts,
  request: DayEventsRequest,
  metrics: readonly Metric[],
): Promise<DayEvents> {
  const { day, tenant } = request;
  const ranges = metrics.map((m) => cellRange(m, day));
  const from = Math.min(...ranges.map((r) => r.from));
  const until = Math.max(...ranges.map((r) => r.until));
  const fields = new Set([
    "event_id",
    "user",
    ...foldsOf(metrics, day).flatMap((f) => f.fold.fields),
  ]);
  // One set of codes for all, so that any rows of any objects can be folded together.
  const interners = new Map<string, Interner>();
  const objects: ObjectRows[] = [];
  const of: number[] = [];
  const rows: number[] = [];
  for (const [partition, entries] of objectsOfDay(request, metrics).entries()) {
    const first = new FirstCopies();
    for (const entry of entries) {
      const bytes = await verified(ports, entry);
      const columns = await ports.codec.columns(bytes, [...fields], interners);
      const at = objects.push({ partition, entry, columns }) - 1;
      const tenants = columns.field("tenant");
      for (const row of first.select(columns)) {
        const ms = columns.timeMs[row] ?? Number.NaN;
        if (!(ms >= from && ms < until) || tenants.text(row) !== tenant) continue;
        of.push(at);
        rows.push(row);
      }
    }
    first.release();
  }
  return { objects, of, rows };
}

/** The JSON of events as clients sent it, in the order of `which`. */
export async function jsonOfEvents(
  ports: UnitPorts,
  events: DayEvents,
  which: readonly number[],
): Promise<string[]> {
  const texts = new Map<number, string>();
  for (const [at, { entry }] of events.objects.entries()) {
    const own = which.filter((i) => events.of[i] === at);
    if (own.length === 0) continue;
    own.sort((a, b) => (events.rows[a] ?? 0) - (events.rows[b] ?? 0));
    const rows = own.map((i) => events.rows[i] ?? 0);
    const batch = await ports.codec.records(await verified(ports, entry), rows);
    for (const [record, i] of own.entries()) texts.set(i, jsonOf(batch, record));
  }
  return which.map((i) => texts.get(i) ?? "");
}

function jsonOf({ bytes, starts, ends }: RecordBatch, record: number): string {
  const own = bytes.subarray(starts[record], ends[record]);
  const view = new DataView(own.buffer, own.byteOffset, own.byteLength);
  const isOurs = own[0] === RECORD_MAGIC;
  const bodyAt = isOurs
    ? RECORD_HEADER_BYTES + view.getUint16(52, true) + view.getUint16(54, true)
    : 0;
  return new TextDecoder().decode(own.subarray(bodyAt));
}
