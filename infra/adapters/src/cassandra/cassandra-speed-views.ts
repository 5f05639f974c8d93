// The speed side in Cassandra: rows that keep the highest `to`, because they are written USING TIMESTAMP =
// `to`, and are read place by place as the registers list them.
import type { Doubt, EpochMs, SpeedQuery, SpeedRow, StoredSpeedRow } from "@tandem/shared-logic";
import type { CassandraSession, Parameters, Row } from "./cassandra-session.ts";
import { blob, int, intOrAbsent, text } from "./columns.ts";
import { eachLimited } from "./each-limited.ts";
import { decodeBody, encodeBody, isBare } from "./speed-body.ts";
import { type Place, SpeedPlaces } from "./speed-places.ts";
import { SpeedRegisters, slotKey, slotOf } from "./speed-slots.ts";
import { partitionText, type Write, writeAll } from "./write-all.ts";

/** Statements that one query has under way at once. */
const READS_AT_ONCE = 32;
/** Log partitions whose rows of a slot one statement reads: a statement costs its reader as much as a few hundred cells. */
const PARTITIONS_AT_ONCE = 8;
/** Groups of one IN. */
const GROUPS_AT_ONCE = 50;

/** Places whose newest rows one statement asks about: each is a read of its own there. */
const PLACES_AT_ONCE = 64;

const ROW = `dataset, fp, tenant, "set", slot, partition, grp, start, segment, doubt, body`;
const UPSERT = `INSERT INTO speed (${ROW}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) USING TIMESTAMP ?`;
/** Of a place's row with the highest `to`. */
const UPSERT_NEWEST = `INSERT INTO speed (${ROW}, newest)
  VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) USING TIMESTAMP ?`;
const NEWEST = `SELECT DISTINCT slot, partition, newest FROM speed
  WHERE dataset = ? AND fp = ? AND tenant = ? AND "set" = ? AND slot IN ? AND partition IN ?`;
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
    await writeAll(this.session, upserts(dataset, partition, rows));
  }

  async read(q: SpeedQuery): Promise<readonly StoredSpeedRow[]> {
    if (q.from >= q.until || q.groups?.length === 0) return [];
    const found: StoredSpeedRow[] = [];
    const readAll = (places: readonly Place[]): Promise<void> =>
      eachLimited(readsOf(q, places), READS_AT_ONCE, async ({ cql, params }) => {
        for await (const rows of this.session.pages(cql, params)) {
          for (const row of rows) {
            if (isBare(row)) continue;
            const startMs = int(row, "start") as EpochMs;
            if (startMs < q.from || startMs >= q.until) continue;
            found.push(stored(q, startMs, row));
          }
        }
      });
    const { above } = q;
    await this.places.each(q, async (places) => {
      if (above === undefined) return readAll(places);
      const moved = places.filter((p) => above[p.partition] !== Number.POSITIVE_INFINITY);
      // What happens now is in the last slot: asking whether it changed would be a way more.
      const last = moved.reduce((slot, p) => Math.max(slot, p.slot), 0);
      await Promise.all([
        readAll(moved.filter(({ slot }) => slot === last)),
        this.changed(
          q,
          above,
          moved.filter(({ slot }) => slot < last),
        ).then(readAll),
      ]);
    });
    return found;
  }

  /** Places that have rows above what is given by partition. */
  private async changed(
    q: SpeedQuery,
    above: readonly number[],
    places: readonly Place[],
  ): Promise<readonly Place[]> {
    const found: Place[] = [];
    const partitions = [...new Set(places.map((p) => p.partition))];
    const slots = [...new Set(places.map((p) => p.slot))];
    const few = chunks(slots, Math.max(1, Math.floor(PLACES_AT_ONCE / partitions.length)));
    await eachLimited(few, READS_AT_ONCE, async (some) => {
      const key = [q.dataset, q.fp, q.tenant, q.set, some, partitions];
      for await (const rows of this.session.pages(NEWEST, key)) {
        for (const row of rows) {
          const [slot, partition] = [int(row, "slot"), int(row, "partition")];
          const newest = intOrAbsent(row, "newest");
          if (newest === undefined || newest > (above[partition] ?? -1))
            found.push({ slot, partition });
        }
      }
    });
    return found;
  }
}

interface Read {
  readonly cql: string;
  readonly params: Parameters;
}

function* readsOf(q: SpeedQuery, places: readonly Place[]): Generator<Read> {
  const groups = q.groups && [...new Set(q.groups)];
  const bySlot = Map.groupBy(places, (place) => place.slot);
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

function upserts(dataset: string, partition: number, rows: readonly SpeedRow[]): Write[] {
  const newest = new Map<string, SpeedRow>();
  const placed = rows.map((row) => {
    const slot = slotOf(row.set, row.startMs);
    const key = slotKey({ dataset, fp: row.fp, tenant: row.tenant, set: row.set, slot, partition });
    const place = partitionText("speed", ...key);
    const before = newest.get(place);
    if (before === undefined || row.to > before.to) newest.set(place, row);
    return { row, key, place };
  });
  return placed.map(({ row, key, place }) => {
    const isNewest = newest.get(place) === row;
    const body = encodeBody(row);
    const values = [...key, row.group, row.startMs, row.segment, row.doubt, body];
    return {
      partition: place,
      cql: isNewest ? UPSERT_NEWEST : UPSERT,
      params: isNewest ? [...values, row.to, row.to] : [...values, row.to],
      sizeBytes: 100 + row.group.length + body.length,
    };
  });
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
