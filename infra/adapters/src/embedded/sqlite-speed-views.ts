// The speed side in sqlite: rows that keep the highest `to`, positions that never move back, starts
// that are set once, and drops that are recorded durably before anything is deleted.
import { setImmediate as breathe } from "node:timers/promises";
import {
  DAY_MS,
  type Doubt,
  dayStart,
  type EpochMs,
  type Fingerprint,
  type Flush,
  type Position,
  type SpeedQuery,
  type SpeedRow,
  type StoredSpeedRow,
  type UtcDay,
  utcDay,
} from "@tandem/shared-logic";
import { groupSeek } from "./group-seek.ts";
import { keyOrder } from "./key-order.ts";
import { MetricCodes } from "./metric-codes.ts";
import { PARTITION_SEEK, soughtPartitions } from "./partition-seek.ts";
import { RecentFlushes, type StartRange, Stretches } from "./recent-flushes.ts";
import { blob, int, type SqliteFile, type SqlRow, type SqlValue, text } from "./sqlite-file.ts";

/** Rows of one transaction: the event loop is held for about 2 µs a row. */
const FLUSH_ROWS = 5_000;
const DROP_ROWS = 1_000;

/**
 * Rows of one statement, as many as are left: a call of sqlite leaves an object behind and costs about as much as a row
 * of few bytes.
 */
const UPSERT_ROWS = [128, 16, 1] as const;
const ROW_VALUES = 10;
const upsert = (rows: number): string => `INSERT INTO speed VALUES
  ${Array(rows).fill("(?, ?, ?, ?, ?, ?, ?, ?, ?, ?)").join(", ")} ON CONFLICT DO UPDATE
  SET "to" = excluded."to", events = excluded.events, skipped = excluded.skipped, state = excluded.state
  WHERE excluded."to" > speed."to"`;
const UPSERTS = UPSERT_ROWS.map((rows) => ({ rows, sql: upsert(rows) }));
const MOVE = `INSERT INTO position VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE
  SET "to" = max("to", excluded."to"), asOf = max(asOf, excluded.asOf)`;
const COLUMNS = `grp, start, partition, segment, doubt, "to", events, skipped, state`;
const OWN = "partition = number AND series = ?1";
const READ = `WITH RECURSIVE ${PARTITION_SEEK}
  SELECT ${COLUMNS} FROM partitions CROSS JOIN speed
  WHERE ${OWN} AND start >= ?2 AND start < ?3 AND "to" > above`;
const READ_ONE = `SELECT ${COLUMNS} FROM speed
  WHERE partition = ?1 AND series = ?2 AND start >= ?3 AND start < ?4 AND "to" > ?5`;
const READ_GROUPS = `WITH RECURSIVE ${PARTITION_SEEK}, ${groupSeek(6, {
  table: "speed",
  columns: COLUMNS,
  owners: "partitions",
  owner: "number, above",
  own: OWN,
})} AND "to" > above`;
const RECORD_DROP = `INSERT INTO dropped VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE
  SET below = max(below, excluded.below)`;
const DROPPED = `SELECT day, partition, below FROM dropped
  WHERE metric = ? AND day >= ? AND day < ? AND partition < ?`;
const NEXT_KEYS = `SELECT start, grp, segment, doubt FROM speed
  WHERE partition = ? AND series = ? AND start < ? AND (start, grp, segment, doubt) > (?, ?, ?, ?)
  ORDER BY start, grp, segment, doubt LIMIT ${DROP_ROWS}`;
const DELETE = `DELETE FROM speed
  WHERE partition = ? AND series = ? AND start = ? AND grp = ? AND segment = ? AND doubt = ?`;

export class SqliteSpeedViews {
  private readonly file: SqliteFile;
  private readonly codes: MetricCodes;
  private readonly recent: RecentFlushes;

  constructor(file: SqliteFile) {
    this.file = file;
    this.codes = new MetricCodes(file);
    this.recent = new RecentFlushes(file);
  }

  /** One transaction up to FLUSH_ROWS rows; beyond, several in the order of the contract. */
  async flush(flush: Flush): Promise<void> {
    const { dataset, partition } = flush;
    const { rows } = flush;
    const order = keyOrder(rows);
    for (let from = 0; ; from += FLUSH_ROWS) {
      const until = Math.min(rows.length, from + FLUSH_ROWS);
      const written = new Stretches();
      this.recent.change(() =>
        this.codes.transaction(() => {
          if (from === 0) this.writeStarts(flush);
          this.writeRows(flush, order.subarray(from, until), written);
          if (until === rows.length) this.file.run(MOVE, dataset, partition, flush.to, flush.asOf);
        }),
      );
      this.recent.note(flush, written);
      if (until === rows.length) return;
      await breathe();
    }
  }

  private writeRows(
    { dataset, partition, rows }: Flush,
    order: Uint32Array,
    written: Stretches,
  ): void {
    let [last, series]: [SpeedRow | undefined, number] = [undefined, -1];
    const values = new Array<SqlValue>(UPSERT_ROWS[0] * ROW_VALUES).fill(0);
    const put = (r: SpeedRow, at: number): void => {
      if (last?.tenant !== r.tenant || last.set !== r.set || last.fp !== r.fp) {
        series = this.codes.series(dataset, r.fp, r.tenant, r.set);
        last = r;
        written.begin(series, r.startMs);
      }
      written.add(r.startMs, r.to);
      values[at] = partition;
      values[at + 1] = series;
      values[at + 2] = r.startMs;
      values[at + 3] = r.group;
      values[at + 4] = r.segment;
      values[at + 5] = r.doubt;
      values[at + 6] = r.to;
      values[at + 7] = r.events;
      values[at + 8] = r.skipped;
      values[at + 9] = r.state;
    };
    let i = 0;
    for (const { rows: many, sql } of UPSERTS) {
      values.length = many * ROW_VALUES;
      this.file.runEach(sql, (run) => {
        for (; i + many <= order.length; i += many) {
          for (let k = 0; k < many; k++) put(rows[order[i + k]!]!, k * ROW_VALUES);
          run(...values);
        }
      });
    }
  }

  private writeStarts(flush: Flush): void {
    for (const { fp, at } of flush.starts) {
      const metric = this.codes.metric(flush.dataset, fp);
      this.file.run("INSERT OR IGNORE INTO start VALUES (?, ?, ?)", metric, flush.partition, at);
    }
  }

  /** Writes a counter, so that there is a commit to sync. */
  sync(): void {
    this.file.durably(() =>
      this.file.run("UPDATE meta SET value = value + 1 WHERE name = 'syncs'"),
    );
  }

  positions(dataset: string, partitions: number): readonly (Position | undefined)[] {
    const found = new Array<Position | undefined>(partitions).fill(undefined);
    const sql = `SELECT partition, "to", asOf FROM position WHERE dataset = ? AND partition < ?`;
    for (const row of this.file.all(sql, dataset, partitions)) {
      found[int(row, 0)] = { to: int(row, 1), asOf: int(row, 2) as EpochMs };
    }
    return found;
  }

  starts(dataset: string, fp: Fingerprint, partitions: number): readonly (number | undefined)[] {
    const found = new Array<number | undefined>(partitions).fill(undefined);
    const metric = this.codes.knownMetric(dataset, fp);
    if (metric === undefined) return found;
    const sql = "SELECT partition, at FROM start WHERE metric = ? AND partition < ?";
    for (const row of this.file.all(sql, metric, partitions)) found[int(row, 0)] = int(row, 1);
    return found;
  }

  read(q: SpeedQuery): readonly StoredSpeedRow[] {
    const series = this.codes.knownSeries(q.dataset, q.fp, q.tenant, q.set);
    if (series === undefined) return [];
    const flushed = this.recent.above(series, q);
    const { from, until } = flushed ?? q;
    if (from >= until) return [];
    if (flushed?.alone && !q.groups) return this.readAbove(series, q, flushed);
    const range = [series, from, until, ...soughtPartitions(q)];
    const rows =
      q.groups === undefined
        ? this.file.all(READ, ...range)
        : this.file.all(READ_GROUPS, ...range, JSON.stringify(q.groups));
    return rows.map((row) => stored(q, row));
  }

  /** Partition by partition, where there are no others: mostly one has moved. */
  private readAbove(
    series: number,
    q: SpeedQuery,
    { from, until }: StartRange,
  ): readonly StoredSpeedRow[] {
    const found: StoredSpeedRow[] = [];
    for (const [partition, to] of (q.above ?? []).entries()) {
      if (to === Number.POSITIVE_INFINITY) continue;
      for (const row of this.file.all(READ_ONE, partition, series, from, until, to))
        found.push(stored(q, row));
    }
    return found;
  }

  dropped(
    dataset: string,
    fp: Fingerprint,
    from: UtcDay,
    until: UtcDay,
    partitions: number,
  ): ReadonlyMap<UtcDay, readonly number[]> {
    const days = new Map<UtcDay, number[]>();
    for (let day = from; day < until; day = utcDay(day + 1)) {
      days.set(day, new Array<number>(partitions).fill(0));
    }
    const metric = this.codes.knownMetric(dataset, fp);
    if (metric === undefined) return days;
    for (const row of this.file.all(DROPPED, metric, from, until, partitions)) {
      const day = days.get(utcDay(int(row, 0)));
      if (day !== undefined) day[int(row, 1)] = int(row, 2);
    }
    return days;
  }

  /** What an earlier drop recorded and was killed before deleting goes with it. */
  async drop(
    dataset: string,
    fp: Fingerprint,
    day: UtcDay,
    below: readonly number[],
  ): Promise<void> {
    const metric = this.codes.durably(() => {
      const id = this.codes.metric(dataset, fp);
      below.forEach((segment, partition) => {
        this.file.run(RECORD_DROP, id, day, partition, segment);
      });
      return id;
    });
    const limits = this.file.all(DROPPED, metric, day, day + 1, Number.MAX_SAFE_INTEGER);
    for (const row of this.file.all("SELECT id FROM series WHERE metric = ?", metric)) {
      for (const limit of limits) {
        if (int(limit, 2) === 0) continue;
        await this.deleteBelow(int(row, 0), int(limit, 1), day, int(limit, 2));
      }
    }
  }

  private async deleteBelow(
    series: number,
    partition: number,
    day: UtcDay,
    segment: number,
  ): Promise<void> {
    const until = dayStart(day) + DAY_MS;
    let after: SqlRow = [dayStart(day), "", -1, -1];
    for (;;) {
      const keys = this.file.all(NEXT_KEYS, partition, series, until, ...after);
      const gone = keys.filter((key) => int(key, 2) < segment);
      if (gone.length > 0) {
        this.file.transaction(() => {
          for (const key of gone) this.file.run(DELETE, partition, series, ...key);
        });
      }
      if (keys.length < DROP_ROWS) return;
      after = keys.at(-1) ?? after;
      await breathe();
    }
  }
}

const stored = (q: SpeedQuery, row: SqlRow): StoredSpeedRow => ({
  fp: q.fp,
  tenant: q.tenant,
  set: q.set,
  group: text(row, 0),
  startMs: int(row, 1) as EpochMs,
  partition: int(row, 2),
  segment: int(row, 3),
  doubt: int(row, 4) as Doubt,
  to: int(row, 5),
  events: int(row, 6),
  skipped: int(row, 7),
  state: blob(row, 8),
});
