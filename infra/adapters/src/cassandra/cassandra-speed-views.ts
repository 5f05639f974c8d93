// The speed side in Cassandra: rows that keep the highest `to`, because they are written USING TIMESTAMP =
// `to`, and are read place by place as the registers list them.
import type { Doubt, EpochMs, SpeedQuery, SpeedRow, StoredSpeedRow } from "@tandem/shared-logic";
import type { CassandraSession, Parameters, Row } from "./cassandra-session.ts";
import { blob, int, text } from "./columns.ts";
import { eachLimited } from "./each-limited.ts";
import { decodeBody, encodeBody } from "./speed-body.ts";
import { type Place, SpeedPlaces } from "./speed-places.ts";
import { SpeedRegisters, slotKey, slotOf } from "./speed-slots.ts";
import { partitionText, type Write, writeAll } from "./write-all.ts";

/** Statements that one query has under way at once. */
const READS_AT_ONCE = 32;
/** Log partitions whose rows of a slot one statement reads: a statement costs its reader as much as a few hundred cells. */
const PARTITIONS_AT_ONCE = 8;
/** Groups of one IN. */
const GROUPS_AT_ONCE = 50;

const UPSERT = `INSERT INTO speed (dataset, fp, tenant, "set", slot, partition, grp, start, segment, doubt, body)
  VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) USING TIMESTAMP ?`;
const KEYS = `dataset = ? AND fp = ? AND tenant = ? AND "set" = ? AND slot = ? AND partition IN ?`;
const READ = `SELECT partition, grp, start, segment, doubt, body FROM speed WHERE ${KEYS}`;
const READ_GROUPS = `${READ} AND grp IN ? AND start >= ? AND start < ?`;

export class CassandraSpeedViews {
  private readonly session: CassandraSession;
  private readonly registers: SpeedRegisters;
  private readonly places: SpeedPlaces;

  constructor(session: CassandraSession) {
    this.session = session;
    this.registers = new SpeedRegisters(session);
    this.places = new SpeedPlaces(session);
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
    await this.places.each(q, (places) =>
      eachLimited(readsOf(q, places), READS_AT_ONCE, async ({ cql, params }) => {
        for await (const rows of this.session.pages(cql, params)) {
          for (const row of rows) {
            const startMs = int(row, "start") as EpochMs;
            if (startMs < q.from || startMs >= q.until) continue;
            found.push(stored(q, startMs, row));
          }
        }
      }),
    );
    return found;
  }
}

interface Read {
  readonly cql: string;
  readonly params: Parameters;
}

function* readsOf(q: SpeedQuery, places: readonly Place[]): Generator<Read> {
  const groups = q.groups && [...new Set(q.groups)];
  const wanted = places.filter((place) => q.above?.[place.partition] !== Number.POSITIVE_INFINITY);
  const bySlot = Map.groupBy(wanted, (place) => place.slot);
  for (const [slot, there] of bySlot) {
    for (const some of chunks(there, PARTITIONS_AT_ONCE)) {
      const partitions = some.map((place) => place.partition);
      const key = [q.dataset, q.fp, q.tenant, q.set, slot, partitions];
      if (groups === undefined) yield { cql: READ, params: key };
      for (const few of chunks(groups ?? [], GROUPS_AT_ONCE))
        yield { cql: READ_GROUPS, params: [...key, few, q.from, q.until] };
    }
  }
}

function* chunks<T>(items: readonly T[], size: number): Generator<readonly T[]> {
  for (let i = 0; i < items.length; i += size) yield items.slice(i, i + size);
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

function stored(q: SpeedQuery, startMs: EpochMs, row: Row): StoredSpeedRow {
  const { to, events, skipped, state } = decodeBody(blob(row, "body"));
  return {
    fp: q.fp,
    tenant: q.tenant,
    set: q.set,
    group: text(row, "grp"),
    startMs,
    partition: int(row, "partition"),
    segment: int(row, "segment"),
    doubt: int(row, "doubt") as Doubt,
    to,
    events,
    skipped,
    state,
  };
}
