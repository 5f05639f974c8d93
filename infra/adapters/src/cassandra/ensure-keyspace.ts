// Creates a keyspace with its tables, or finishes one that was left half made. Explicit, idempotent, and
// safe for two processes at once: all of them ask the same node, which takes one change of schema at a
// time (two nodes at once could give a table two identities). The format row is written last, so a
// keyspace is either whole or known to be unfinished; one that holds anything else is refused untouched.
import { TandemError } from "@tandem/shared-logic";
import type { Host } from "cassandra-driver";
import { type CassandraOptions, wrongSetting } from "./cassandra-options.ts";
import { CassandraSession } from "./cassandra-session.ts";
import { unavailable } from "./driver-errors.ts";
import { requireKnownFormat } from "./keyspace-format.ts";
import { FORMAT_ROW, META_COLUMNS, META_TABLE, VIEW_FORMAT, VIEW_TABLES } from "./view-tables.ts";

export interface KeyspaceOptions extends CassandraOptions {
  /** Replicas in the data center: 3 where nothing may be lost with one node. Of a new keyspace only. */
  readonly replicas: number;
}

/** A change of schema is answered once all nodes agree on it. */
const SCHEMA_MS = 20_000;

export async function ensureKeyspace(o: KeyspaceOptions): Promise<void> {
  const session = await CassandraSession.open(o);
  try {
    const tables = await tablesOf(session, o.keyspace);
    if (tables?.has(META_TABLE) && (await isWhole(session, o.keyspace))) return;
    refuseForeign(o.keyspace, tables);
    await create(session, o);
  } finally {
    await session.close();
  }
}

async function isWhole(session: CassandraSession, keyspace: string): Promise<boolean> {
  try {
    return await requireKnownFormat(session, keyspace);
  } catch (error) {
    // Listed but not there yet: another process is making it at this moment.
    if (error instanceof TandemError && error.code === "configuration") return false;
    throw error;
  }
}

async function create(session: CassandraSession, o: KeyspaceOptions): Promise<void> {
  if (!Number.isInteger(o.replicas) || o.replicas < 1) {
    throw wrongSetting("replicas", `${o.replicas} is no number of replicas: use 1 or more`);
  }
  const { keyspace, datacenter } = o;
  const host = firstNode(session);
  await change(
    session,
    host,
    `CREATE KEYSPACE IF NOT EXISTS ${keyspace} WITH replication =
      {'class': 'NetworkTopologyStrategy', '${datacenter.replaceAll("'", "''")}': ${o.replicas}}`,
  );
  for (const [name, definition] of [[META_TABLE, META_COLUMNS], ...Object.entries(VIEW_TABLES)]) {
    await change(session, host, `CREATE TABLE IF NOT EXISTS ${keyspace}.${name} (${definition}`);
  }
  await session.run(`INSERT INTO ${keyspace}.${META_TABLE} (name, value) VALUES (?, ?)`, [
    FORMAT_ROW,
    String(VIEW_FORMAT),
  ]);
}

/** Undefined where there is no such keyspace. */
async function tablesOf(
  session: CassandraSession,
  keyspace: string,
): Promise<ReadonlySet<string> | undefined> {
  const found = await session.run(
    "SELECT keyspace_name FROM system_schema.keyspaces WHERE keyspace_name = ?",
    [keyspace],
  );
  if (found.length === 0) return undefined;
  const tables = await session.run(
    "SELECT table_name FROM system_schema.tables WHERE keyspace_name = ?",
    [keyspace],
  );
  return new Set(tables.map((row) => String(row["table_name"])));
}

function refuseForeign(keyspace: string, tables: ReadonlySet<string> | undefined): void {
  const foreign = [...(tables ?? [])].filter((t) => t !== META_TABLE && !(t in VIEW_TABLES));
  if (foreign.length === 0) return;
  throw wrongSetting(
    "keyspace",
    `"${keyspace}" belongs to something else (it has a table ${foreign[0]}): name another`,
  );
}

/** The same for everybody who sees the same nodes. */
function firstNode(session: CassandraSession): Host {
  const hosts = session.hosts().toSorted((a, b) => (a.address < b.address ? -1 : 1));
  const first = hosts[0];
  if (first === undefined) throw unavailable("no node of the data center is up");
  return first;
}

async function change(session: CassandraSession, host: Host, cql: string): Promise<void> {
  const result = await session.execute(cql, [], {
    host,
    prepare: false,
    isIdempotent: false,
    readTimeout: SCHEMA_MS,
  });
  // Missing from the driver's types.
  if ("isSchemaInAgreement" in result.info && result.info.isSchemaInAgreement === false) {
    throw unavailable("the nodes do not agree on the schema yet: run this again");
  }
}
