// The key store over the ledger in a sqlite file against the port's contract.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { SqliteViewStore } from "@tandem/adapters/embedded";
import { ledgerKeyStore } from "@tandem/shared-logic";
import { keyStoreSuite } from "@tandem/shared-logic/testing";

const folder = mkdtempSync(join(tmpdir(), "tandem-keys-"));
after(() => rmSync(folder, { recursive: true }));
let files = 0;

keyStoreSuite({
  test,
  async open() {
    const path = join(folder, `${++files}.db`);
    const stores = [new SqliteViewStore(path), new SqliteViewStore(path)] as const;
    const close = async (): Promise<void> => {
      for (const store of stores) await store.close();
    };
    return {
      keys: ledgerKeyStore(stores[0]),
      elsewhere: ledgerKeyStore(stores[1]),
      async reopen() {
        await close();
        const again = new SqliteViewStore(path);
        after(() => again.close());
        return ledgerKeyStore(again);
      },
      close,
    };
  },
});
