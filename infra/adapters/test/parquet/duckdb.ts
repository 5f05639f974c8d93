// DuckDB in memory, for tests that compare what it reads and writes with what this folder does.
import { DuckDBInstance } from "@duckdb/node-api";

export interface Sql {
  rows(sql: string): Promise<readonly Readonly<Record<string, unknown>>[]>;
  close(): void;
}

export async function openDuckDb(): Promise<Sql> {
  const instance = await DuckDBInstance.create(":memory:", { threads: "1" });
  const connection = await instance.connect();
  return {
    async rows(sql) {
      return (await connection.runAndReadAll(sql)).getRowObjectsJS();
    },
    close() {
      connection.closeSync();
      instance.closeSync();
    },
  };
}
