// The view store in one sqlite file (node:sqlite), for one process or several threads of it. Calls are
// synchronous inside; long ones pause between short transactions. A flush is one transaction up to
// 5,000 rows; `sync`, `cas` that resolves true and a recorded drop are durable with all before them.
import type { DatabaseSync } from "node:sqlite";
import type {
  Fingerprint,
  Flush,
  LedgerRow,
  Position,
  RunQuery,
  RunRow,
  RunRowKey,
  RunSum,
  SpeedQuery,
  StoredSpeedRow,
  UtcDay,
  ViewStore,
} from "@tandem/shared-logic";
import { SqliteFile } from "./sqlite-file.ts";
import { SqliteLedger } from "./sqlite-ledger.ts";
import { SqliteRunViews } from "./sqlite-run-views.ts";
import { SqliteSpeedViews } from "./sqlite-speed-views.ts";
import { requireViewTables } from "./view-schema.ts";

export class SqliteViewStore implements ViewStore {
  private readonly file: SqliteFile;
  private readonly speed: SqliteSpeedViews;
  private readonly runs: SqliteRunViews;
  private readonly rows: SqliteLedger;

  /** A path, or a connection that this store then owns. */
  constructor(source: DatabaseSync | string) {
    this.file = new SqliteFile(source);
    try {
      requireViewTables(this.file);
    } catch (error) {
      this.file.close();
      throw error;
    }
    this.speed = new SqliteSpeedViews(this.file);
    this.runs = new SqliteRunViews(this.file);
    this.rows = new SqliteLedger(this.file);
  }

  flush(flush: Flush): Promise<void> {
    return this.speed.flush(flush);
  }
  async sync(): Promise<void> {
    this.speed.sync();
  }
  async positions(dataset: string, partitions: number): Promise<readonly (Position | undefined)[]> {
    return this.speed.positions(dataset, partitions);
  }
  async starts(
    dataset: string,
    fp: Fingerprint,
    partitions: number,
  ): Promise<readonly (number | undefined)[]> {
    return this.speed.starts(dataset, fp, partitions);
  }
  async readSpeed(query: SpeedQuery): Promise<readonly StoredSpeedRow[]> {
    return this.speed.read(query);
  }
  async dropped(
    dataset: string,
    fp: Fingerprint,
    from: UtcDay,
    until: UtcDay,
    partitions: number,
  ): Promise<ReadonlyMap<UtcDay, readonly number[]>> {
    return this.speed.dropped(dataset, fp, from, until, partitions);
  }
  dropSpeed(
    dataset: string,
    fp: Fingerprint,
    day: UtcDay,
    below: readonly number[],
  ): Promise<void> {
    return this.speed.drop(dataset, fp, day, below);
  }
  writeRun(run: string, rows: readonly RunRow[]): Promise<void> {
    return this.runs.write(run, rows);
  }
  readBack(run: string): Promise<RunSum> {
    return this.runs.readBack(run);
  }
  scanRun(run: string): AsyncIterable<readonly RunRow[]> {
    return this.runs.scan(run);
  }
  copyRun(from: string, to: string, without: readonly RunRowKey[]): Promise<void> {
    return this.runs.copy(from, to, without);
  }
  async readRun(query: RunQuery): Promise<readonly RunRow[]> {
    return this.runs.read(query);
  }
  removeRun(run: string): Promise<void> {
    return this.runs.remove(run);
  }
  async ledger(key: string): Promise<LedgerRow | undefined> {
    return this.rows.row(key);
  }
  async ledgerRows(prefix: string): Promise<readonly LedgerRow[]> {
    return this.rows.rows(prefix);
  }
  async cas(key: string, expectedVersion: number, value: string): Promise<boolean> {
    return this.rows.cas(key, expectedVersion, value);
  }
  async close(): Promise<void> {
    this.file.close();
  }
}
