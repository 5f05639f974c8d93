// The speed side in Cassandra: rows that keep the highest `to`, because they are written USING TIMESTAMP =
// `to`, and are read slot by slot as the registers list them.
import {
  type Doubt,
  dayOf,
  type EpochMs,
  type SpeedQuery,
  type SpeedRow,
  type StoredSpeedRow,
} from "@tandem/shared-logic";
import type { CassandraSession, Parameters, Row } from "./cassandra-session.ts";
import { blob, int, text } from "./columns.ts";
import { eachLimited } from "./each-limited.ts";
import { decodeBody, encodeBody } from "./speed-body.ts";
import { SpeedRegisters, slotFrom, slotKey, slotOf, slotUntil } from "./speed-slots.ts";
import { partitionText, type Write, writeAll } from "./write-all.ts";

/** Partitions that one query reads at once. */
const READS_AT_ONCE = 32;
/** Groups of one IN. */
const GROUPS_AT_ONCE = 50;

const KEY = `dataset = ? AND fp = ? AND tenant = ? AND "set" = ? AND slot = ? AND partition = ?`;
const UPSERT = `INSERT INTO speed (dataset, fp, tenant, "set", slot, partition, grp, start, segment, doubt, body)
  VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) USING TIMESTAMP ?`;
const SLOTS = `SELECT partition, slot FROM speed_slot
  WHERE dataset = ? AND fp = ? AND tenant = ? AND "set" = ? AND day >= ? AND day <= ?`;
const READ = `SELECT grp, start, segment, doubt, body FROM speed WHERE ${KEY}`;
const READ_GROUPS = `${READ} AND grp IN ? AND start >= ? AND start < ?`;

export class CassandraSpeedViews {
  private readonly session: CassandraSession;
  private readonly registers: SpeedRegisters;

  constructor(session: CassandraSession) {
    this.session = session;
    this.registers = new SpeedRegisters(session);
  }

  /** Nobody finds a row before its register says where to look. */
  async write(dataset: string, partition: number, rows: readonly SpeedRow[]): Promise<void> {
    await this.registers.announce(dataset, partition, rows);
    await writeAll(
      this.session,
      rows.map((row) => upsert(dataset, partition, row)),
    );
  }

  async read(q: SpeedQuery): Promise<readonly StoredSpeedRow[]> {
    if (q.from >= q.until || q.groups?.length === 0) return [];
    const found: StoredSpeedRow[] = [];
    await eachLimited(await this.reads(q), READS_AT_ONCE, async ({ partition, cql, params }) => {
      for await (const rows of this.session.pages(cql, params)) {
        for (const row of rows) {
          const startMs = int(row, "start");
          if (startMs >= q.from && startMs < q.until) found.push(stored(q, partition, row));
        }
      }
    });
    return found;
  }

  private async reads(q: SpeedQuery): Promise<readonly Read[]> {
    const series = [q.dataset, q.fp, q.tenant, q.set];
    const lastMs = (q.until - 1) as EpochMs;
    const groups = q.groups && chunks([...new Set(q.groups)], GROUPS_AT_ONCE);
    const reads: Read[] = [];
    const days = [dayOf(q.from), dayOf(lastMs)];
    for await (const rows of this.session.pages(SLOTS, [...series, ...days])) {
      for (const row of rows) {
        const [slot, partition] = [int(row, "slot"), int(row, "partition")];
        if (slotFrom(slot) >= q.until || slotUntil(q.set, slot) <= q.from) continue;
        const key = [...series, slot, partition];
        if (groups === undefined) reads.push({ partition, cql: READ, params: key });
        for (const some of groups ?? []) {
          const params = [...key, some, q.from, q.until];
          reads.push({ partition, cql: READ_GROUPS, params });
        }
      }
    }
    return reads;
  }
}

interface Read {
  readonly partition: number;
  readonly cql: string;
  readonly params: Parameters;
}

function upsert(dataset: string, partition: number, row: SpeedRow): Write {
  const slot = slotOf(row.set, row.startMs);
  const key = slotKey({ dataset, fp: row.fp, tenant: row.tenant, set: row.set, slot, partition });
  const body = encodeBody(row);
  return {
    partition: partitionText("speed", ...key),
    cql: UPSERT,
    params: [...key, row.group, row.startMs, row.segment, row.doubt, body, row.to],
    sizeBytes: 100 + row.group.length + body.length,
  };
}

const chunks = <T>(items: readonly T[], size: number): readonly (readonly T[])[] =>
  Array.from({ length: Math.ceil(items.length / size) }, (_, i) =>
    items.slice(i * size, (i + 1) * size),
  );

const stored = (q: SpeedQuery, partition: number, row: Row): StoredSpeedRow => ({
  fp: q.fp,
  tenant: q.tenant,
  set: q.set,
  group: text(row, "grp"),
  startMs: int(row, "start") as EpochMs,
  partition,
  segment: int(row, "segment"),
  doubt: int(row, "doubt") as Doubt,
  ...decodeBody(blob(row, "body")),
});
