// Where speed rows stand: the slots of a day, and the registers of which (slot, partition) has rows.
//
// The total of a metric has a slot a day; a grouping set, of whose groups there may be thousands, six, so
// that reading the last hour does not read the day. A slot is numbered by the hour it begins at.
//
// Registers are written before the rows they announce, USING TIMESTAMP = a `to` above the row's segment.
// A drop deletes them USING TIMESTAMP = its limit: that takes just the announcements of segments that
// lie below it, so a row that must stay can never lose its register to a drop that runs at the same time.
import {
  dayOf,
  type EpochMs,
  type Fingerprint,
  HOUR_MS,
  type SpeedRow,
} from "@tandem/shared-logic";
import type { CassandraSession } from "./cassandra-session.ts";
import { partitionText, type Write, writeAll } from "./write-all.ts";

const hoursOf = (set: number): number => (set === 0 ? 24 : 4);

export function slotOf(set: number, startMs: EpochMs): number {
  const hours = hoursOf(set);
  return Math.floor(startMs / HOUR_MS / hours) * hours;
}
/** Half-open. */
export const slotFrom = (slot: number): number => slot * HOUR_MS;
export const slotUntil = (set: number, slot: number): number => (slot + hoursOf(set)) * HOUR_MS;

export interface SpeedSlot {
  readonly dataset: string;
  readonly fp: Fingerprint;
  readonly tenant: string;
  readonly set: number;
  readonly slot: number;
  readonly partition: number;
}

const slotOfRow = (dataset: string, partition: number, row: SpeedRow): SpeedSlot => ({
  dataset,
  fp: row.fp,
  tenant: row.tenant,
  set: row.set,
  slot: slotOf(row.set, row.startMs),
  partition,
});
export const slotKey = (s: SpeedSlot): readonly (string | number)[] => [
  s.dataset,
  s.fp,
  s.tenant,
  s.set,
  s.slot,
  s.partition,
];

const REGISTER_SLOT = `INSERT INTO speed_slot (dataset, fp, tenant, "set", day, partition, slot)
  VALUES (?, ?, ?, ?, ?, ?, ?) USING TIMESTAMP ?`;
const REGISTER_SERIES = `INSERT INTO speed_series (dataset, fp, day, partition, tenant, "set", slot)
  VALUES (?, ?, ?, ?, ?, ?, ?) USING TIMESTAMP ?`;
const REGISTER_BYTES = 200;
/** Beyond, all are announced again: an announcement too many does no harm. */
const REMEMBERED = 100_000;

/** Announces slots once a segment. */
export class SpeedRegisters {
  private readonly session: CassandraSession;
  /** By slot: the highest segment announced. */
  private readonly announced = new Map<string, number>();

  constructor(session: CassandraSession) {
    this.session = session;
  }

  async announce(dataset: string, partition: number, rows: readonly SpeedRow[]): Promise<void> {
    const found = new Map<string, { row: SpeedRow; slot: SpeedSlot }>();
    for (const row of rows) {
      const slot = slotOfRow(dataset, partition, row);
      const key = partitionText(...slotKey(slot));
      if ((this.announced.get(key) ?? -1) >= row.segment) continue;
      const other = found.get(key)?.row;
      if (other === undefined || row.segment > other.segment) found.set(key, { row, slot });
    }
    if (found.size === 0) return;
    await writeAll(this.session, [...found.values()].flatMap(registerWrites));
    if (this.announced.size > REMEMBERED) this.announced.clear();
    for (const [key, { row }] of found) this.announced.set(key, row.segment);
  }
}

function registerWrites({ row, slot: s }: { row: SpeedRow; slot: SpeedSlot }): readonly Write[] {
  const { dataset, fp, tenant, set, slot, partition } = s;
  const day = dayOf(row.startMs);
  return [
    {
      partition: partitionText("speed_slot", dataset, fp, tenant, set),
      cql: REGISTER_SLOT,
      params: [dataset, fp, tenant, set, day, partition, slot, row.to],
      sizeBytes: REGISTER_BYTES,
    },
    {
      partition: partitionText("speed_series", dataset, fp, day),
      cql: REGISTER_SERIES,
      params: [dataset, fp, day, partition, tenant, set, slot, row.to],
      sizeBytes: REGISTER_BYTES,
    },
  ];
}
