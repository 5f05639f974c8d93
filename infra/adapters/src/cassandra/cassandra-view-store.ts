// The view store in a keyspace of Cassandra, for any number of processes. Every request is bounded in time
// and read and written at LOCAL_QUORUM; `flush` awaits starts, rows and position one after the other.
// What is resolved is acknowledged by a quorum of replicas; how long a power cut of all of them could
// still take it back is Cassandra's commitlog_sync (docs/decisions/cassandra-views.md).
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
import { CassandraLedger } from "./cassandra-ledger.ts";
import type { CassandraOptions } from "./cassandra-options.ts";
import { CassandraPositions } from "./cassandra-positions.ts";
import { CassandraRunViews } from "./cassandra-run-views.ts";
import { CassandraSession } from "./cassandra-session.ts";
import { CassandraSpeedDrops } from "./cassandra-speed-drops.ts";
import { CassandraSpeedViews } from "./cassandra-speed-views.ts";
import { type Durability, readDurability } from "./durability.ts";
import { requireKeyspace } from "./keyspace-format.ts";

export class CassandraViewStore implements ViewStore {
  /** As the cluster was set up when this store was opened. */
  readonly durability: Durability;
  private readonly session: CassandraSession;
  private readonly places: CassandraPositions;
  private readonly speed: CassandraSpeedViews;
  private readonly drops: CassandraSpeedDrops;
  private readonly runs: CassandraRunViews;
  private readonly rows: CassandraLedger;

  private constructor(session: CassandraSession, durability: Durability) {
    this.session = session;
    this.durability = durability;
    this.places = new CassandraPositions(session);
    this.speed = new CassandraSpeedViews(session);
    this.drops = new CassandraSpeedDrops(session);
    this.runs = new CassandraRunViews(session);
    this.rows = new CassandraLedger(session);
  }

  /** Over a keyspace that `ensureKeyspace` has made. */
  static async open(options: CassandraOptions): Promise<CassandraViewStore> {
    const session = await CassandraSession.open(options, options.keyspace);
    try {
      await requireKeyspace(session);
      return new CassandraViewStore(session, await readDurability(session));
    } catch (error) {
      await session.close();
      throw error;
    }
  }

  async flush(flush: Flush): Promise<void> {
    await this.places.setStarts(flush);
    await this.speed.write(flush.dataset, flush.partition, flush.rows);
    await this.places.move(flush);
  }
  /** Whatever was awaited is acknowledged by a quorum already: there is nothing more to ask for. */
  async sync(): Promise<void> {}
  positions(dataset: string, partitions: number): Promise<readonly (Position | undefined)[]> {
    return this.places.positions(dataset, partitions);
  }
  starts(
    dataset: string,
    fp: Fingerprint,
    partitions: number,
  ): Promise<readonly (number | undefined)[]> {
    return this.places.starts(dataset, fp, partitions);
  }
  readSpeed(query: SpeedQuery): Promise<readonly StoredSpeedRow[]> {
    return this.speed.read(query);
  }
  dropped(
    dataset: string,
    fp: Fingerprint,
    from: UtcDay,
    until: UtcDay,
    partitions: number,
  ): Promise<ReadonlyMap<UtcDay, readonly number[]>> {
    return this.drops.dropped(dataset, fp, from, until, partitions);
  }
  dropSpeed(
    dataset: string,
    fp: Fingerprint,
    day: UtcDay,
    below: readonly number[],
  ): Promise<void> {
    return this.drops.drop(dataset, fp, day, below);
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
  readRun(query: RunQuery): Promise<readonly RunRow[]> {
    return this.runs.read(query);
  }
  removeRun(run: string): Promise<void> {
    return this.runs.remove(run);
  }
  ledger(key: string): Promise<LedgerRow | undefined> {
    return this.rows.row(key);
  }
  ledgerRows(prefix: string): Promise<readonly LedgerRow[]> {
    return this.rows.rows(prefix);
  }
  cas(key: string, expectedVersion: number, value: string): Promise<boolean> {
    return this.rows.cas(key, expectedVersion, value);
  }
  close(): Promise<void> {
    return this.session.close();
  }
}
