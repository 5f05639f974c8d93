// The key store over a ledger in memory against the port's contract, and planted bugs that the suite must
// catch.
import assert from "node:assert/strict";
import { test } from "node:test";
import { MemoryViewStore } from "@tandem/adapters/memory";
import { type KeyStore, type Ledger, ledgerKeyStore } from "@tandem/shared-logic";
import { keyStoreSuite, type OpenKeyStore } from "@tandem/shared-logic/testing";
import { caughtBy } from "../caught-by.ts";

/** Both processes see the ledger, one of them perhaps as a bug shows it. */
function opened(
  broken: (keys: KeyStore, ledger: Ledger) => KeyStore = (keys) => keys,
): OpenKeyStore {
  const ledger = new MemoryViewStore();
  const open = (): KeyStore => broken(ledgerKeyStore(ledger), ledger);
  return {
    keys: open(),
    elsewhere: open(),
    reopen: async () => open(),
    close: async () => undefined,
  };
}

keyStoreSuite({ test, open: async () => opened() });

const BUGS: Readonly<Record<string, (keys: KeyStore, ledger: Ledger) => KeyStore>> = {
  "add overwrites": (keys, ledger) => ({
    ...keys,
    async add(key) {
      const row = await ledger.ledger(`key/${key.id}`);
      return ledger.cas(`key/${key.id}`, row?.version ?? 0, JSON.stringify(key));
    },
  }),
  "add says true without storing": (keys) => ({ ...keys, add: async () => true }),
  "get hides revoked keys": (keys) => ({
    ...keys,
    async get(id) {
      const key = await keys.get(id);
      return key?.revokedMs === undefined ? key : undefined;
    },
  }),
  "revoke tells the moment given": (keys) => ({
    ...keys,
    async revoke(id, at) {
      const key = await keys.revoke(id, at);
      return key && { ...key, revokedMs: at };
    },
  }),
  "revoke of an unknown key makes one": (keys) => ({
    ...keys,
    async revoke(id, at) {
      const key = { id, tenant: "acme", scopes: [], hash: "0".repeat(64), createdMs: at };
      await keys.add(key);
      return keys.revoke(id, at);
    },
  }),
  "list in order of adding": (keys) => ({
    ...keys,
    list: async (tenant) => [...(await keys.list(tenant))].sort((a, b) => b.id.localeCompare(a.id)),
  }),
  "list ignores the tenant": (keys) => ({ ...keys, list: () => keys.list() }),
  "list takes the tenant for a prefix": (keys) => ({
    ...keys,
    list: async (tenant = "") => (await keys.list()).filter((k) => k.tenant.startsWith(tenant)),
  }),
  "one process remembers what it saw": (keys) => {
    const seen = new Map<string, Awaited<ReturnType<KeyStore["get"]>>>();
    return {
      ...keys,
      async get(id) {
        if (!seen.has(id)) seen.set(id, await keys.get(id));
        return seen.get(id);
      },
    };
  },
  "revocations are not kept": (keys) => ({
    ...keys,
    async revoke(id, at) {
      const key = await keys.get(id);
      return key && { ...key, revokedMs: at };
    },
  }),
};

for (const [bug, broken] of Object.entries(BUGS)) {
  test(`the suite catches: ${bug}`, async (t) => {
    const caught = await caughtBy((collect) =>
      keyStoreSuite({ test: collect, open: async () => opened(broken) }),
    );
    assert.notEqual(caught, undefined, "no case of the suite failed");
    t.diagnostic(`by ${caught}`);
  });
}
