// Conformance suite of the KeyStore port: anyone's adapter can be put through it. The numbers are those of
// the contract lines in ports/key-store.ts.
import type { ApiKey } from "../../access/api-key.ts";
import type { KeyStore } from "../../ports/key-store.ts";
import { type EpochMs, epochMs } from "../../time/epoch-ms.ts";
import { expectEqual, type TestFunction } from "../expect.ts";

export interface KeyStoreSuite {
  readonly test: TestFunction;
  /** A store with nothing in it. */
  readonly open: () => Promise<OpenKeyStore>;
}

export interface OpenKeyStore {
  readonly keys: KeyStore;
  /** As another process over the same place has it. */
  readonly elsewhere: KeyStore;
  /** The same after all processes have ended; absent where nothing outlives them. */
  readonly reopen?: () => Promise<KeyStore>;
  readonly close: () => Promise<void>;
}

const CREATED = epochMs(1_570_000_000_000);
const later = (ms: number): EpochMs => epochMs(CREATED + ms);
const key = (id: string, of: Partial<ApiKey> = {}): ApiKey => ({
  id: id.padEnd(12, "0"),
  tenant: "acme",
  scopes: ["write"],
  hash: id.padEnd(64, "f"),
  createdMs: CREATED,
  ...of,
});

export function keyStoreSuite({ test, open }: KeyStoreSuite): void {
  const add = (name: string, body: (opened: OpenKeyStore) => Promise<void>): void => {
    test(`key store ${name}`, async () => {
      const opened = await open();
      try {
        await body(opened);
      } finally {
        await opened.close();
      }
    });
  };

  add("1: a key is stored as it is, under an id that is not in use", async ({ keys }) => {
    const [one, two] = [key("a1", { scopes: ["read", "admin"] }), key("a2", { scopes: [] })];
    expectEqual([await keys.add(one), await keys.add(two)], [true, true]);
    expectEqual(await keys.add(key("a1", { tenant: "other" })), false);
    expectEqual(await keys.get(one.id), one);
    expectEqual(await keys.get(two.id), two);
  });

  add("1: of several adding the same id at once, one does", async ({ keys, elsewhere }) => {
    const tenants = ["a", "b", "c", "d", "e", "f"];
    const added = await Promise.all(
      tenants.map((tenant, i) => (i % 2 ? keys : elsewhere).add(key("a1", { tenant }))),
    );
    const winners = tenants.filter((_, i) => added[i]);
    expectEqual(winners.length, 1);
    expectEqual(await keys.get(key("a1").id), key("a1", { tenant: winners[0] ?? "" }));
  });

  add("2: an unknown id is undefined, a revoked key is found", async ({ keys }) => {
    expectEqual(await keys.get(key("a1").id), undefined);
    await keys.add(key("a1"));
    expectEqual(await keys.get(key("a1").id.slice(0, 3)), undefined, "a part of an id");
    await keys.revoke(key("a1").id, later(5));
    const revoked = key("a1", { revokedMs: later(5) });
    expectEqual(await keys.get(revoked.id), revoked);
    expectEqual(await keys.list(), [revoked]);
  });

  add("3: the first moment of revocation stays", async ({ keys }) => {
    await keys.add(key("a1"));
    await keys.add(key("a2"));
    const revoked = key("a1", { revokedMs: later(5) });
    for (const at of [5, 3, 9]) expectEqual(await keys.revoke(revoked.id, later(at)), revoked);
    expectEqual(await keys.get(key("a2").id), key("a2"), "keys are apart");
    expectEqual(await keys.revoke(key("a3").id, later(5)), undefined);
    expectEqual(await keys.get(key("a3").id), undefined, "revoking makes no key");
  });

  add("3: of several revoking at once, all tell the same moment", async ({ keys, elsewhere }) => {
    const { id } = key("a1");
    await keys.add(key("a1"));
    const revoked = await Promise.all(
      [1, 2, 3, 4, 5, 6].map((ms) => (ms % 2 ? keys : elsewhere).revoke(id, later(ms))),
    );
    const stands = await keys.get(id);
    for (const one of revoked) expectEqual(one, stands);
    expectEqual(stands?.revokedMs !== undefined, true);
  });

  add("3: nothing makes a revoked key valid again", async ({ keys }) => {
    await keys.add(key("a1"));
    const revoked = await keys.revoke(key("a1").id, later(5));
    expectEqual(await keys.add(key("a1")), false);
    expectEqual(await keys.get(key("a1").id), revoked);
  });

  add("4: keys are listed by id in byte order, all or one tenant's", async ({ keys }) => {
    expectEqual([await keys.list(), await keys.list("acme")], [[], []]);
    const ids = ["ff", "0a", "a0", "00", "9", "b1"];
    for (const [i, id] of ids.entries()) {
      await keys.add(key(id, { tenant: i % 2 ? "acme" : "acme-2" }));
    }
    const listed = await keys.list();
    expectEqual(
      listed.map(({ id }) => id),
      ids.map((id) => key(id).id).sort(),
    );
    for (const tenant of ["acme", "acme-2", "acm"]) {
      expectEqual(
        await keys.list(tenant),
        listed.filter((k) => k.tenant === tenant),
        tenant,
      );
    }
  });

  add("4: many keys are all listed", async ({ keys }) => {
    const many = Array.from({ length: 300 }, (_, n) => key(n.toString(16).padStart(4, "0")));
    for (let i = 0; i < many.length; i += 50) {
      await Promise.all(many.slice(i, i + 50).map((one) => keys.add(one)));
    }
    expectEqual((await keys.list()).length, many.length);
  });

  add("5: every process sees what another was told", async ({ keys, elsewhere }) => {
    const { id } = key("a1");
    expectEqual(await elsewhere.get(id), undefined);
    await keys.add(key("a1"));
    expectEqual(await elsewhere.get(id), key("a1"));
    expectEqual(await elsewhere.list("acme"), [key("a1")]);
    expectEqual(await elsewhere.add(key("a1")), false);
    await elsewhere.revoke(id, later(5));
    expectEqual(await keys.get(id), key("a1", { revokedMs: later(5) }));
  });

  add("1, 3: keys and revocations outlive the process", async ({ keys, reopen }) => {
    if (reopen === undefined) return;
    await keys.add(key("a1"));
    await keys.add(key("a2"));
    await keys.revoke(key("a2").id, later(5));
    const again = await reopen();
    expectEqual(await again.list(), [key("a1"), key("a2", { revokedMs: later(5) })]);
  });
}
