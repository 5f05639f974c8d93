// Writes another format version into an installation's keyspace, as another version of this program would
// have: `node set-keyspace-format.ts CONFIG VERSION`.
import { loadConfig } from "@tandem/adapters/stack";
import { Client } from "cassandra-driver";
import { FORMAT_ROW, META_TABLE } from "../../src/cassandra/view-tables.ts";

const [file, version = ""] = process.argv.slice(2);
const { cassandra } = loadConfig({ env: {}, file }).config;
const { contactPoints, datacenter, keyspace } = cassandra;
const client = new Client({ contactPoints, localDataCenter: datacenter, keyspace });
const cql = `UPDATE ${META_TABLE} SET value = ? WHERE name = ?`;
await client.execute(cql, [version, FORMAT_ROW], { prepare: true, readTimeout: 30_000 });
await client.shutdown();
