// The Cassandra that the environment names, a keyspace of one test file's own, and stores in it that keep
// to a prefix: making a keyspace takes seconds, so the cases of a suite share one and never meet.
import { randomUUID } from "node:crypto";
import { after } from "node:test";
import {
  type CassandraOptions,
  CassandraViewStore,
  ensureKeyspace,
} from "@tandem/adapters/cassandra";
import type { ViewStore } from "@tandem/shared-logic";
import { Client } from "cassandra-driver";

function required(name: string): string {
  const value = process.env[name];
  if (!value) throw new Error(`${name} is not set: these tests need a running Cassandra`);
  return value;
}

export const contactPoints = required("CASSANDRA_CONTACT_POINTS").split(",");
export const datacenter = required("CASSANDRA_DATACENTER");
export const freshName = (): string =>
  `tandem_test_${randomUUID().replaceAll("-", "").slice(0, 12)}`;
/** With time enough for a machine that does much else; `unanswered.real.ts` is about the limit itself. */
export const optionsOf = (keyspace: string): CassandraOptions => ({
  contactPoints,
  datacenter,
  keyspace,
  requestMs: 15_000,
});

/** A plain session, for what a store does not offer; the caller shuts it down. */
export async function plainClient(): Promise<Client> {
  const client = new Client({ contactPoints, localDataCenter: datacenter });
  await client.connect();
  return client;
}

export async function dropKeyspace(name: string): Promise<void> {
  const client = await plainClient();
  await client.execute(`DROP KEYSPACE IF EXISTS ${name}`, [], { readTimeout: 20_000 });
  await client.shutdown();
}

/** A keyspace for the tests of one file, dropped after them. */
export async function keyspaceOfFile(): Promise<string> {
  const keyspace = freshName();
  after(() => dropKeyspace(keyspace));
  await ensureKeyspace({ ...optionsOf(keyspace), replicas: 1 });
  return keyspace;
}

/** Closed after the file. */
export async function storeOfFile(options: CassandraOptions): Promise<CassandraViewStore> {
  const store = await CassandraViewStore.open(options);
  after(() => store.close());
  return store;
}

/** The same store, but datasets, runs and ledger keys have a prefix that nobody sees. */
export function prefixed(store: ViewStore, prefix: string, close: () => Promise<void>): ViewStore {
  const own = (name: string): string => prefix + name;
  const bare = <T extends { readonly key: string }>(row: T): T => ({
    ...row,
    key: row.key.slice(prefix.length),
  });
  return {
    flush: (f) => store.flush({ ...f, dataset: own(f.dataset) }),
    sync: () => store.sync(),
    positions: (dataset, partitions) => store.positions(own(dataset), partitions),
    starts: (dataset, fp, partitions) => store.starts(own(dataset), fp, partitions),
    readSpeed: (q) => store.readSpeed({ ...q, dataset: own(q.dataset) }),
    dropped: (dataset, fp, from, until, partitions) =>
      store.dropped(own(dataset), fp, from, until, partitions),
    dropSpeed: (dataset, fp, day, below) => store.dropSpeed(own(dataset), fp, day, below),
    writeRun: (run, rows) => store.writeRun(own(run), rows),
    readBack: (run) => store.readBack(own(run)),
    scanRun: (run) => store.scanRun(own(run)),
    copyRun: (from, to, without) => store.copyRun(own(from), own(to), without),
    readRun: (q) => store.readRun({ ...q, run: own(q.run) }),
    removeRun: (run) => store.removeRun(own(run)),
    async ledger(key) {
      const row = await store.ledger(own(key));
      return row && bare(row);
    },
    ledgerRows: async (p) => (await store.ledgerRows(own(p))).map(bare),
    cas: (key, version, value) => store.cas(own(key), version, value),
    close,
  };
}
