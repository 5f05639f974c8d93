// Making a keyspace: twice, by two at once, half made, of another format, of somebody else; and what a wrong
// setting says.
import assert from "node:assert/strict";
import { after, test } from "node:test";
import {
  type CassandraOptions,
  CassandraViewStore,
  ensureKeyspace,
  type KeyspaceOptions,
} from "@tandem/adapters/cassandra";
import { TandemError } from "@tandem/shared-logic";
import { dropKeyspace, freshName, optionsOf, plainClient } from "./real-cassandra.ts";
import { refusingServer } from "./refusing-server.ts";

const client = await plainClient();
after(() => client.shutdown());

async function withFresh(body: (o: KeyspaceOptions) => Promise<void>): Promise<void> {
  const keyspace = freshName();
  try {
    await body({ ...optionsOf(keyspace), replicas: 1 });
  } finally {
    await dropKeyspace(keyspace);
  }
}

const cql = (text: string): Promise<unknown> => client.execute(text, [], { readTimeout: 20_000 });
const opens = async (o: CassandraOptions): Promise<void> => {
  const store = await CassandraViewStore.open(o);
  assert.equal(await store.cas("key/1", 0, "a"), true);
  await store.close();
};
const refusal = (code: string, message: RegExp) => (error: unknown) =>
  error instanceof TandemError &&
  error.code === code &&
  !error.retryable &&
  message.test(error.message) &&
  !error.message.includes("\n");
const wrong = (message: RegExp) => refusal("configuration", message);

test("a keyspace is made by two at once and again, and says how durable it is", () =>
  withFresh(async (o) => {
    await Promise.all([ensureKeyspace(o), ensureKeyspace(o)]);
    await ensureKeyspace(o);
    await opens(o);
    const store = await CassandraViewStore.open(o);
    const { durability } = store;
    assert.equal(durability.replicas, 1);
    assert.match(durability.commitlogSync, /^(periodic|batch|group)$/);
    if (durability.commitlogSync === "periodic") {
      assert.equal(durability.commitlogSyncMs, 10_000);
      assert.match(durability.warning ?? "", /commitlog_sync.*10000 ms/);
    }
    await store.close();
  }));

test("one left half made is refused by who only opens it, and finished", () =>
  withFresh(async (o) => {
    await cql(
      `CREATE KEYSPACE ${o.keyspace} WITH replication = {'class': 'NetworkTopologyStrategy', '${o.datacenter}': 1}`,
    );
    await assert.rejects(CassandraViewStore.open(o), wrong(/^cassandra\.keyspace: .*tandem setup/));
    await cql(`CREATE TABLE ${o.keyspace}.meta (name text PRIMARY KEY, value text)`);
    await assert.rejects(CassandraViewStore.open(o), wrong(/^cassandra\.keyspace: .*tandem setup/));
    await ensureKeyspace(o);
    await opens(o);
  }));

test("one of somebody else is refused and stays as it is", () =>
  withFresh(async (o) => {
    await cql(
      `CREATE KEYSPACE ${o.keyspace} WITH replication = {'class': 'NetworkTopologyStrategy', '${o.datacenter}': 1}`,
    );
    await cql(`CREATE TABLE ${o.keyspace}.shopping (item text PRIMARY KEY)`);
    await assert.rejects(
      ensureKeyspace(o),
      wrong(/^cassandra\.keyspace: .*shopping.*name another/),
    );
    await assert.rejects(CassandraViewStore.open(o), wrong(/^cassandra\.keyspace: /));
    const tables = await client.execute(
      "SELECT table_name FROM system_schema.tables WHERE keyspace_name = ?",
      [o.keyspace],
    );
    assert.deepEqual(
      tables.rows.map((row) => row["table_name"]),
      ["shopping"],
    );
  }));

test("another format is refused with the way forward, an older and a newer one", () =>
  withFresh(async (o) => {
    await ensureKeyspace(o);
    for (const [found, way] of [
      ["0", /format 0.*format 1.*new keyspace/],
      ["99", /format 99.*format 1.*newer/],
    ] as const) {
      await cql(`UPDATE ${o.keyspace}.meta SET value = '${found}' WHERE name = 'format/views'`);
      await assert.rejects(CassandraViewStore.open(o), refusal("format_version", way));
      await assert.rejects(ensureKeyspace(o), refusal("format_version", way));
    }
  }));

const anyKeyspace = optionsOf(freshName());

test("a wrong setting is named, with the way to mend it", async () => {
  const open = (o: Partial<CassandraOptions>) => CassandraViewStore.open({ ...anyKeyspace, ...o });
  await assert.rejects(open({}), wrong(/^cassandra\.keyspace: .*does not exist.*tandem setup/));
  await assert.rejects(
    open({ datacenter: "nowhere" }),
    wrong(/^cassandra\.datacenter: "nowhere".*it has datacenter1/),
  );
  await assert.rejects(
    open({ contactPoints: ["127.0.0.1:1"] }),
    wrong(/^cassandra\.contactPoints: nothing listens at 127\.0\.0\.1:1 /),
  );
  await assert.rejects(
    open({ contactPoints: ["no-such-host.invalid:9042"] }),
    wrong(/^cassandra\.contactPoints: .*no-such-host\.invalid/),
  );
  await assert.rejects(open({ contactPoints: [] }), wrong(/^cassandra\.contactPoints: /));
  await assert.rejects(open({ keyspace: "No Name" }), wrong(/^cassandra\.keyspace: /));
  await assert.rejects(open({ username: "only" }), wrong(/^cassandra\.username: /));
  await assert.rejects(
    ensureKeyspace({ ...anyKeyspace, replicas: 0 }),
    wrong(/^cassandra\.replicas: /),
  );
});

test("a refused password is named, and is not in the message", async () => {
  const server = await refusingServer();
  const refused = CassandraViewStore.open({
    ...anyKeyspace,
    contactPoints: [server.address],
    username: "tandem",
    password: "secret-word",
  });
  await assert.rejects(refused, wrong(/^cassandra\.username: (?!.*secret-word).*refused/));
  await assert.rejects(
    CassandraViewStore.open({ ...anyKeyspace, contactPoints: [server.address] }),
    wrong(/^cassandra\.username: /),
  );
  await server.close();
});
