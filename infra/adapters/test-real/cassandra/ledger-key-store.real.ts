// The key store over the ledger in Cassandra against the port's contract.
import { test } from "node:test";
import { CassandraViewStore } from "@tandem/adapters/cassandra";
import { ledgerKeyStore } from "@tandem/shared-logic";
import { keyStoreSuite } from "@tandem/shared-logic/testing";
import { keyspaceOfFile, optionsOf, prefixed, storeOfFile } from "./real-cassandra.ts";

const keyspace = await keyspaceOfFile();
const [one, other] = [
  await storeOfFile(optionsOf(keyspace)),
  await storeOfFile(optionsOf(keyspace)),
];
const notClosed = async (): Promise<void> => undefined;
let places = 0;

keyStoreSuite({
  test,
  async open() {
    const prefix = `k${++places}/`;
    let again: CassandraViewStore | undefined;
    return {
      keys: ledgerKeyStore(prefixed(one, prefix, notClosed)),
      elsewhere: ledgerKeyStore(prefixed(other, prefix, notClosed)),
      async reopen() {
        again = await CassandraViewStore.open(optionsOf(keyspace));
        return ledgerKeyStore(prefixed(again, prefix, notClosed));
      },
      close: async () => again?.close(),
    };
  },
});
