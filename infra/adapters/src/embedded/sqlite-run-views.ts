// The run side in sqlite: immutable rows under a run id, written in short transactions so that the
// event loop is never held for long, and read back as they are stored.
import { setImmediate as breathe } from "node:timers/promises";
import {
  type EpochMs,
  RunChecksum,
  type RunQuery,
  type RunRow,
  type RunRowKey,
  type RunSum,
} from "@tandem/shared-logic";
import { groupSeek } from "./group-seek.ts";
import { blob, int, type SqliteFile, type SqlRow, type SqlValue, text } from "./sqlite-file.ts";

const BATCH_ROWS = 500;
const COPY_ROWS = 2000;
/** Codes on disk: only ever appended to. */
const GRAINS: readonly RunRow["grain"][] = ["minute", "hour", "day", "week", "month"];

const COLUMNS = "start, grp, events, skipped, value, state";
const READ = `SELECT ${COLUMNS} FROM run_row WHERE run = ? AND start >= ? AND start < ?`;
const READ_GROUPS = `WITH RECURSIVE ${groupSeek(4, {
  table: "run_row",
  columns: COLUMNS,
  owners: "(SELECT ?1 AS id)",
  owner: "id",
  own: "run = id",
})}`;
const READ_ON = `SELECT ${COLUMNS} FROM run_row WHERE run = ? AND (start, grp) > (?, ?)
  ORDER BY start, grp LIMIT ${BATCH_ROWS}`;
const DELETE_SOME = `DELETE FROM run_row WHERE run = ?1 AND (start, grp) IN
  (SELECT start, grp FROM run_row WHERE run = ?1 LIMIT ${BATCH_ROWS})`;
const FIND = `SELECT id FROM run WHERE run = ? AND tenant = ? AND "set" = ? AND grain = ?`;
const PARTS = `SELECT id, tenant, "set", grain FROM run WHERE run = ?`;

const END_ON = `SELECT start, grp FROM run_row WHERE run = ? AND (start, grp) > (?, ?)
  ORDER BY start, grp LIMIT 1 OFFSET ?`;
const COPY = `INSERT OR IGNORE INTO run_row SELECT ?, ${COLUMNS} FROM run_row
  WHERE run = ? AND (start, grp) > (?, ?) AND (start, grp) <= (?, ?)`;
const COPY_WITHOUT = `${COPY} AND start || ' ' || grp NOT IN (SELECT value FROM json_each(?))`;

type Place = readonly [startMs: number, group: string];
const BEFORE_ALL: Place = [-Number.MAX_SAFE_INTEGER, ""];
const AFTER_ALL: Place = [Number.MAX_SAFE_INTEGER, ""];
const partText = ({ tenant, set, grain }: Omit<Part, "id">): string => `${set} ${grain} ${tenant}`;

interface Part {
  readonly id: number;
  readonly tenant: string;
  readonly set: number;
  readonly grain: RunRow["grain"];
}

export class SqliteRunViews {
  private readonly file: SqliteFile;

  constructor(file: SqliteFile) {
    this.file = file;
  }

  async write(run: string, rows: readonly RunRow[]): Promise<void> {
    for (let from = 0; from < rows.length; from += BATCH_ROWS) {
      if (from > 0) await breathe();
      this.file.transaction(() => this.insert(run, rows.slice(from, from + BATCH_ROWS)));
    }
  }

  /** Part codes are looked up in every transaction: `remove` may have taken them meanwhile. */
  private insert(run: string, rows: readonly RunRow[]): void {
    let part: Part | undefined;
    for (const row of rows) {
      if (part?.tenant !== row.tenant || part.set !== row.set || part.grain !== row.grain) {
        part = { id: this.makePart(run, row), tenant: row.tenant, set: row.set, grain: row.grain };
      }
      this.file.run(
        "INSERT OR IGNORE INTO run_row VALUES (?, ?, ?, ?, ?, ?, ?)",
        part.id,
        row.startMs,
        row.group,
        row.events,
        row.skipped,
        storedValue(row.value),
        row.state,
      );
    }
  }

  private makePart(run: string, { tenant, set, grain }: Omit<Part, "id">): number {
    const key = [run, tenant, set, GRAINS.indexOf(grain)] as const;
    const known = this.file.get(FIND, ...key);
    if (known !== undefined) return int(known, 0);
    this.file.run(`INSERT INTO run(run, tenant, "set", grain) VALUES (?, ?, ?, ?)`, ...key);
    return int(this.file.get(FIND, ...key), 0);
  }

  private parts(run: string): readonly Part[] {
    return this.file.all(PARTS, run).map((row) => ({
      id: int(row, 0),
      tenant: text(row, 1),
      set: int(row, 2),
      grain: GRAINS[int(row, 3)] ?? "day",
    }));
  }

  async readBack(run: string): Promise<RunSum> {
    const sum = new RunChecksum();
    for await (const rows of this.scan(run)) for (const row of rows) sum.add(row);
    return sum.done();
  }

  async *scan(run: string): AsyncGenerator<readonly RunRow[]> {
    for (const part of this.parts(run)) {
      for (let after = BEFORE_ALL; ; ) {
        const rows = this.file.all(READ_ON, part.id, ...after);
        yield rows.map((row) => stored(part, row));
        if (rows.length < BATCH_ROWS) break;
        after = [int(rows.at(-1), 0), text(rows.at(-1), 1)];
        await breathe();
      }
    }
  }

  /** Inside the file, many rows at a time, each time in one transaction: commits cost more than rows. */
  async copy(from: string, to: string, without: readonly RunRowKey[]): Promise<void> {
    const named = Map.groupBy(without, (key) => partText(key));
    const parts = this.parts(from).map((part) => {
      const keys = named.get(partText(part));
      const not = keys && JSON.stringify(keys.map((k) => `${k.startMs} ${k.group}`));
      return { part, not, left: keys?.length ?? 0 };
    });
    let after = BEFORE_ALL;
    for (let p = 0; p < parts.length; ) {
      if (p > 0 || after !== BEFORE_ALL) await breathe();
      this.file.transaction(() => {
        for (let left = COPY_ROWS; left > 0 && p < parts.length; ) {
          const { part, not, left: leftOut } = parts[p]!;
          const end = this.file.get(END_ON, part.id, ...after, left - 1);
          const until = end ? ([int(end, 0), text(end, 1)] as const) : AFTER_ALL;
          const place = [this.makePart(to, part), part.id, ...after, ...until] as const;
          const copied =
            not === undefined
              ? this.file.run(COPY, ...place)
              : this.file.run(COPY_WITHOUT, ...place, not);
          // Where nothing was copied nobody has counted what was looked at.
          left = end || copied === 0 ? 0 : left - copied - leftOut;
          after = end ? until : BEFORE_ALL;
          if (!end) p++;
        }
      });
    }
  }

  read(q: RunQuery): readonly RunRow[] {
    const row = this.file.get(FIND, q.run, q.tenant, q.set, GRAINS.indexOf(q.grain));
    if (row === undefined) return [];
    const part = { id: int(row, 0), tenant: q.tenant, set: q.set, grain: q.grain };
    const rows =
      q.groups === undefined
        ? this.file.all(READ, part.id, q.from, q.until)
        : this.file.all(READ_GROUPS, part.id, q.from, q.until, JSON.stringify(q.groups));
    return rows.map((r) => stored(part, r));
  }

  async remove(run: string): Promise<void> {
    for (const { id } of this.parts(run)) {
      while (this.file.run(DELETE_SOME, id) === BATCH_ROWS) await breathe();
      // In one transaction with what a late writer may have added since.
      this.file.transaction(() => {
        this.file.run("DELETE FROM run_row WHERE run = ?", id);
        this.file.run("DELETE FROM run WHERE id = ?", id);
      });
    }
  }
}

// A text, null (stored as 0), or absent (stored as NULL).
const storedValue = (value: string | null | undefined): SqlValue =>
  value === undefined ? null : (value ?? 0);

function stored(part: Part, row: SqlRow): RunRow {
  const value = row[4];
  return {
    tenant: part.tenant,
    set: part.set,
    grain: part.grain,
    startMs: int(row, 0) as EpochMs,
    group: text(row, 1),
    events: int(row, 2),
    skipped: int(row, 3),
    ...(value === null ? {} : { value: typeof value === "string" ? value : null }),
    state: blob(row, 5),
  };
}
