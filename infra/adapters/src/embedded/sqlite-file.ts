// One sqlite file in WAL mode: cached statements, transactions, and errors translated at the edge.
// Everything is synchronous, so no other code of this process runs inside a transaction.
//
// Durability (https://sqlite.org/wal.html, https://sqlite.org/pragma.html#pragma_synchronous): with
// synchronous=NORMAL a commit appends to the WAL without fsync. A power cut then takes back a suffix of
// the commits, never one from the middle, because the WAL's checksums are chained. A commit under
// synchronous=FULL fsyncs the WAL, and with it every commit before.
import { DatabaseSync, type StatementSync } from "node:sqlite";
import { TandemError } from "@tandem/shared-logic";

/** How long a call waits for another connection's write before it is `store_unavailable`. */
const BUSY_MS = 2_000;
/** The same when tables are opened: another connection may be copying rows to a new format. */
const UPGRADE_MS = 60_000;

const UNAVAILABLE = new Set([5, 6, 7, 8, 10, 13, 14, 15]); // busy locked nomem readonly ioerr full cantopen protocol
const DAMAGED = new Set([11, 26]); // corrupt notadb

/** What sqlite threw, as the world failing where it is that; a bug stays what it is. */
export function translated(cause: unknown, path: string): unknown {
  const errcode = cause instanceof Error && "errcode" in cause ? cause.errcode : undefined;
  if (typeof errcode !== "number") return cause;
  const details = { path, errcode };
  if (UNAVAILABLE.has(errcode & 255)) {
    return new TandemError("store_unavailable", { details, cause });
  }
  return DAMAGED.has(errcode & 255) ? new TandemError("corrupt_bytes", { details, cause }) : cause;
}

export class SqliteFile {
  private readonly db: DatabaseSync;
  private readonly path: string;
  private readonly statements = new Map<string, StatementSync>();

  /** A connection that is handed in is set up likewise, and closed by `close` too. */
  constructor(source: DatabaseSync | string) {
    this.path = typeof source === "string" ? source : (source.location() ?? ":memory:");
    this.db = this.guarded(() =>
      typeof source === "string" ? new DatabaseSync(source, { timeout: BUSY_MS }) : source,
    );
    this.guarded(() => {
      this.db.exec(`PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA fullfsync = ON;
        PRAGMA cache_size = -16000; PRAGMA wal_autocheckpoint = 4000; PRAGMA journal_size_limit = 67108864`);
    });
  }

  /**
   * Creates the tables of a part of the file, or refuses those of another format version. Those of one that `upgrades`
   * has SQL for are made to be of `version`, all at once: a file that was left half-way is as it was.
   */
  requireFormat(
    part: string,
    version: number,
    schema: string,
    upgrades: ReadonlyMap<SqlValue, string> = new Map(),
  ): void {
    this.waitingFor(UPGRADE_MS, () => {
      this.guarded(() =>
        this.db.exec("CREATE TABLE IF NOT EXISTS meta(name TEXT PRIMARY KEY, value ANY) STRICT"),
      );
      const found = this.get("SELECT value FROM meta WHERE name = ?", `format/${part}`)?.[0];
      const upgrade = found === undefined ? schema : upgrades.get(found);
      if (upgrade !== undefined) {
        this.guarded(() => this.db.exec(upgrade));
        this.run("INSERT OR REPLACE INTO meta VALUES (?, ?)", `format/${part}`, version);
      } else if (found !== version) {
        throw new TandemError("format_version", {
          message:
            `${this.path}: its ${part} have format ${String(found)}, this program knows format ${version}. ` +
            "Open it with the version of the program that wrote it, and keep the file: what stands in its ledger stands nowhere else.",
          details: { path: this.path, part, found, known: version },
        });
      }
    });
  }

  /** A transaction that may wait longer for its turn than others do. */
  private waitingFor(waitMs: number, body: () => void): void {
    this.guarded(() => {
      this.db.exec(`PRAGMA busy_timeout = ${waitMs}`);
      try {
        this.transaction(body);
      } finally {
        this.db.exec(`PRAGMA busy_timeout = ${BUSY_MS}`);
      }
    });
  }

  /** Runs one statement; the number of rows it changed. */
  run(sql: string, ...values: SqlValue[]): number {
    return this.guarded(() => Number(this.statement(sql).run(...values).changes));
  }
  /** Gives `body` a quick `run` of one statement, for very many rows; it may be used in `body` only. */
  runEach(sql: string, body: (run: (...values: SqlValue[]) => void) => void): void {
    this.guarded(() => {
      const statement = this.statement(sql);
      // Bound, not wrapped: that would make an array of each row's values.
      body(statement.run.bind(statement));
    });
  }
  get(sql: string, ...values: SqlValue[]): SqlRow | undefined {
    return this.guarded(() => this.statement(sql).get(...values) as SqlRow | undefined);
  }
  all(sql: string, ...values: SqlValue[]): readonly SqlRow[] {
    return this.guarded(() => this.statement(sql).all(...values) as unknown as readonly SqlRow[]);
  }
  /** Rows as long as `take` says true; nothing else may use the statement meanwhile. */
  each(sql: string, values: readonly SqlValue[], take: (row: SqlRow) => boolean): void {
    this.guarded(() => {
      for (const row of this.statement(sql).iterate(...values)) {
        if (!take(row as unknown as SqlRow)) break;
      }
    });
  }

  transaction<T>(body: () => T): T {
    return this.guarded(() => {
      this.db.exec("BEGIN IMMEDIATE");
      try {
        const result = body();
        this.db.exec("COMMIT");
        return result;
      } catch (error) {
        if (this.db.isTransaction) this.db.exec("ROLLBACK");
        throw error;
      }
    });
  }

  /**
   * A transaction that is on the disk, with all before it, when this returns. It has to write: one
   * that changes nothing appends no frame and syncs nothing.
   */
  durably<T>(body: () => T): T {
    return this.guarded(() => {
      this.db.exec("PRAGMA synchronous = FULL");
      try {
        return this.transaction(body);
      } finally {
        this.db.exec("PRAGMA synchronous = NORMAL");
      }
    });
  }

  close(): void {
    this.statements.clear();
    if (this.db.isOpen) this.guarded(() => this.db.close());
  }

  private statement(sql: string): StatementSync {
    let statement = this.statements.get(sql);
    if (statement === undefined) {
      statement = this.db.prepare(sql);
      statement.setReturnArrays(true);
      this.statements.set(sql, statement);
    }
    return statement;
  }

  private guarded<T>(body: () => T): T {
    try {
      return body();
    } catch (error) {
      throw translated(error, this.path);
    }
  }
}

export type SqlValue = null | number | string | Uint8Array;
export type SqlRow = readonly SqlValue[];

/** Columns whose types the schema (STRICT) guarantees. */
export const int = (row: SqlRow | undefined, at: number): number => row?.[at] as number;
export const text = (row: SqlRow | undefined, at: number): string => row?.[at] as string;
export const blob = (row: SqlRow | undefined, at: number): Uint8Array => row?.[at] as Uint8Array;
