// The ledger in sqlite: small rows that change only by a durable compare-and-set.
import type { LedgerRow } from "@tandem/shared-logic";
import { int, type SqliteFile, text } from "./sqlite-file.ts";

export class SqliteLedger {
  private readonly file: SqliteFile;

  constructor(file: SqliteFile) {
    this.file = file;
  }

  row(key: string): LedgerRow | undefined {
    const row = this.file.get("SELECT version, value FROM ledger WHERE key = ?", key);
    return row && { key, version: int(row, 0), value: text(row, 1) };
  }

  /** In byte order, which is sqlite's own: rows below a prefix stand together, from the prefix on. */
  rows(prefix: string): readonly LedgerRow[] {
    const rows: LedgerRow[] = [];
    const sql = "SELECT key, version, value FROM ledger WHERE key >= ? ORDER BY key";
    this.file.each(sql, [prefix], (row) => {
      const key = text(row, 0);
      if (!key.startsWith(prefix)) return false;
      rows.push({ key, version: int(row, 1), value: text(row, 2) });
      return true;
    });
    return rows;
  }

  cas(key: string, expectedVersion: number, value: string): boolean {
    return this.file.durably(() => {
      const changes =
        expectedVersion === 0
          ? this.file.run("INSERT INTO ledger VALUES (?, 1, ?) ON CONFLICT DO NOTHING", key, value)
          : this.file.run(
              "UPDATE ledger SET value = ?, version = version + 1 WHERE key = ? AND version = ?",
              value,
              key,
              expectedVersion,
            );
      return changes === 1;
    });
  }
}
