// The view store's conformance suite on a real Cassandra. Power cuts are left out: one cannot be had
// without pulling a plug.
import { test } from "node:test";
import { CassandraViewStore } from "@tandem/adapters/cassandra";
import { viewStoreSuite } from "@tandem/shared-logic/testing";
import { keyspaceOfFile, optionsOf, prefixed, storeOfFile } from "./real-cassandra.ts";

const keyspace = await keyspaceOfFile();
const shared = await storeOfFile(optionsOf(keyspace));
const notClosed = async (): Promise<void> => undefined;
let places = 0;

viewStoreSuite({
  test,
  equalTo: "either",
  async open() {
    const prefix = `t${++places}.`;
    return {
      store: prefixed(shared, prefix, notClosed),
      async reopen() {
        const again = await CassandraViewStore.open(optionsOf(keyspace));
        return prefixed(again, prefix, () => again.close());
      },
    };
  },
});
