// The ledger in Cassandra: rows that change only by a lightweight transaction, and are listed by folder
// (the key up to its last slash). One whose answer got lost is read back at SERIAL, which finishes or
// outruns it, and judged by the mark that each attempt leaves in its row.
import { randomUUID } from "node:crypto";
import { compareUtf8, type LedgerRow, TandemError } from "@tandem/shared-logic";
import { policies, types } from "cassandra-driver";
import type { CassandraSession, Row } from "./cassandra-session.ts";
import { int, text } from "./columns.ts";
import { unavailable } from "./driver-errors.ts";
import { eachLimited } from "./each-limited.ts";

/** The try and the reading back are one call: together they stay within the limit of one. */
const TRY_MS = 1_300;
const READ_BACK_MS = 900;
const FOLDERS_AT_ONCE = 16;
/** Of keys without a slash; every other folder ends in one. */
const ROOT = ".";
const SHELF = 0;

const COLUMNS = "key, version, value, attempt";
const GET = `SELECT ${COLUMNS} FROM ledger WHERE folder = ? AND key = ?`;
const LIST = `SELECT ${COLUMNS} FROM ledger WHERE folder = ? AND key >= ?`;
const CREATE = `INSERT INTO ledger (folder, key, version, value, attempt) VALUES (?, ?, 1, ?, ?) IF NOT EXISTS`;
const CHANGE = `UPDATE ledger SET version = ?, value = ?, attempt = ?
  WHERE folder = ? AND key = ? IF version = ?`;
const REGISTER = `INSERT INTO ledger_folder (shelf, folder) VALUES (${SHELF}, ?)`;
const FOLDERS = `SELECT folder FROM ledger_folder WHERE shelf = ${SHELF}`;

/** Never sent twice by the driver: the second try would meet the first. */
const ONCE = new policies.retry.FallthroughRetryPolicy();

const folderOf = (key: string): string => key.slice(0, key.lastIndexOf("/") + 1) || ROOT;

export class CassandraLedger {
  private readonly session: CassandraSession;
  /** Folders this process has registered; none is ever removed. */
  private readonly registered = new Set<string>();

  constructor(session: CassandraSession) {
    this.session = session;
  }

  async row(key: string): Promise<LedgerRow | undefined> {
    const rows = await this.session.run(GET, [folderOf(key), key]);
    return rows[0] && stored(rows[0]);
  }

  async rows(prefix: string): Promise<readonly LedgerRow[]> {
    const folders: string[] = [];
    for await (const rows of this.session.pages(FOLDERS, [])) {
      for (const row of rows) {
        const folder = text(row, "folder");
        if (mayHold(folder, prefix)) folders.push(folder);
      }
    }
    const found: LedgerRow[] = [];
    await eachLimited(folders, FOLDERS_AT_ONCE, async (folder) => {
      for await (const rows of this.session.pages(LIST, [folder, prefix])) {
        for (const row of rows) if (text(row, "key").startsWith(prefix)) found.push(stored(row));
      }
    });
    return found.sort((a, b) => compareUtf8(a.key, b.key));
  }

  async cas(key: string, expectedVersion: number, value: string): Promise<boolean> {
    const folder = folderOf(key);
    if (expectedVersion === 0) await this.register(folder);
    const attempt = randomUUID();
    try {
      return await this.attempt(folder, key, expectedVersion, value, attempt);
    } catch (error) {
      if (!(error instanceof TandemError) || error.code !== "store_unavailable") throw error;
      return await this.outcome(folder, key, expectedVersion, attempt, error);
    }
  }

  private async attempt(
    folder: string,
    key: string,
    expectedVersion: number,
    value: string,
    attempt: string,
  ): Promise<boolean> {
    const options = { isIdempotent: false, retry: ONCE, readTimeout: TRY_MS };
    const result =
      expectedVersion === 0
        ? await this.session.execute(CREATE, [folder, key, value, attempt], options)
        : await this.session.execute(
            CHANGE,
            [expectedVersion + 1, value, attempt, folder, key, expectedVersion],
            options,
          );
    return result.wasApplied();
  }

  /** Versions grow by one, so whoever made the next one is the only one who took the step from here. */
  private async outcome(
    folder: string,
    key: string,
    expectedVersion: number,
    attempt: string,
    cause: TandemError,
  ): Promise<boolean> {
    const options = { consistency: types.consistencies.serial, readTimeout: READ_BACK_MS };
    const row = (await this.session.run(GET, [folder, key], options))[0];
    if (row !== undefined && text(row, "attempt") === attempt) return true;
    if (row !== undefined && int(row, "version") === expectedVersion + 1) return false;
    // Not there yet, or already overwritten: nobody can say whether it was or will be.
    throw unavailable(`whether ${key} was changed is not known: read it again`, cause);
  }

  private async register(folder: string): Promise<void> {
    if (this.registered.has(folder)) return;
    await this.session.execute(REGISTER, [folder]);
    this.registered.add(folder);
  }
}

/** Whether a key in the folder may begin with the prefix. */
const mayHold = (folder: string, prefix: string): boolean =>
  folder === ROOT ? !prefix.includes("/") : folder.startsWith(prefix) || prefix.startsWith(folder);

const stored = (row: Row): LedgerRow => ({
  key: text(row, "key"),
  version: int(row, "version"),
  value: text(row, "value"),
});
