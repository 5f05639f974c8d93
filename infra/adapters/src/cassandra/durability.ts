// How safe an acknowledged write is in this cluster: by how many replicas it is held, and whether each of
// them has it on its disk or only in its memory for a while (commitlog_sync).
import type { CassandraSession } from "./cassandra-session.ts";

export interface Durability {
  /** Replicas in the data center. */
  readonly replicas: number;
  /** `periodic`: acknowledged up to `commitlogSyncMs` before the fsync; `batch`, `group`: after it. */
  readonly commitlogSync: string;
  readonly commitlogSyncMs: number | undefined;
  /** A sentence for the log where a power cut may take back what was acknowledged; else absent. */
  readonly warning?: string;
}

const REPLICATION = "SELECT replication FROM system_schema.keyspaces WHERE keyspace_name = ?";
const SETTINGS = "SELECT name, value FROM system_views.settings WHERE name IN ?";

export async function readDurability(session: CassandraSession): Promise<Durability> {
  const { keyspace, datacenter } = session.options;
  const found = (await session.run(REPLICATION, [keyspace]))[0];
  const replication = Object.entries(found?.["replication"] ?? {});
  const of = (name: string): number =>
    Number.parseInt(String(replication.find(([key]) => key === name)?.[1]), 10) || 0;
  const replicas = of(datacenter) || of("replication_factor");
  const names = ["commitlog_sync", "commitlog_sync_period_in_ms"];
  const rows = await session.run(SETTINGS, [names]);
  const setting = (name: string): string =>
    String(rows.find((row) => row["name"] === name)?.["value"] ?? "");
  const commitlogSync = setting("commitlog_sync");
  const periodMs = Number.parseInt(setting("commitlog_sync_period_in_ms"), 10);
  const commitlogSyncMs = Number.isFinite(periodMs) ? periodMs : undefined;
  return {
    replicas,
    commitlogSync,
    commitlogSyncMs,
    ...(commitlogSync === "periodic" && replicas < 3
      ? {
          warning:
            `cassandra.keyspace "${keyspace}" has ${replicas} replica(s) and commitlog_sync is periodic: a power cut of the ` +
            `node may take back what was acknowledged in the last ${commitlogSyncMs ?? "?"} ms. Set commitlog_sync to ` +
            "batch or group in cassandra.yaml, or use 3 replicas on separate power.",
        }
      : {}),
  };
}
