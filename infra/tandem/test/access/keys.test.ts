// Keys from creation to revocation, over the ledger of the view store in memory.
import assert from "node:assert/strict";
import { test } from "node:test";
import { keyMaking, sha256KeyHash } from "@tandem/adapters/embedded";
import { HandClock, MemoryViewStore } from "@tandem/adapters/memory";
import {
  createAuthenticator,
  createKey,
  epochMs,
  type KeyStore,
  ledgerKeyStore,
  listKeys,
  plusMs,
  revokeKey,
  type Scope,
  TandemError,
} from "@tandem/shared-logic";

const START = epochMs(1_570_000_000_000);

function setUp(options: { capacity?: number } = {}) {
  let reads = 0;
  let hashes = 0;
  let down = false;
  let held: Promise<void> | undefined;
  const ledger = new MemoryViewStore({ atomicFlush: true });
  const stored = ledgerKeyStore(ledger);
  const keys: KeyStore = {
    ...stored,
    get: async (id) => {
      reads++;
      await held;
      if (down) throw new TandemError("store_unavailable");
      return stored.get(id);
    },
  };
  const clock = new HandClock(START);
  const hash = (text: string): string => {
    hashes++;
    return sha256KeyHash(text);
  };
  const authenticator = createAuthenticator({ keys, hash, clock, ...options });
  return {
    ledger,
    keys,
    authenticator,
    authenticate: async (presented: string | undefined, scope: Scope) =>
      authenticator.authenticate(presented, scope),
    create: (tenant: string) =>
      createKey(keys, keyMaking, { tenant, scopes: ["write"] }, clock.now()),
    wait: (ms: number) => clock.advance(ms),
    now: () => clock.now(),
    reads: () => reads,
    hashes: () => hashes,
    break: (broken: boolean) => {
      down = broken;
    },
    /** Readings hang until the promise resolves. */
    hold: (until: Promise<void>) => {
      held = until;
    },
  };
}

test("a key works at once, for its scope and with its secret only", async () => {
  const { authenticate, create } = setUp();
  const { key, presented } = await create("acme");
  assert.deepEqual(await authenticate(presented, "write"), { ok: true, key });
  assert.deepEqual(await authenticate(presented, "read"), { ok: false, denial: "key_scope" });
  assert.deepEqual(await authenticate(undefined, "write"), { ok: false, denial: "key_missing" });
  assert.deepEqual(await authenticate("hello", "write"), { ok: false, denial: "key_malformed" });
  const last = presented.endsWith("0") ? "1" : "0";
  const unknown = { ok: false, denial: "key_unknown" };
  assert.deepEqual(await authenticate(presented.slice(0, -1) + last, "write"), unknown);
  const other = await setUp().create("acme");
  assert.deepEqual(await authenticate(other.presented, "write"), unknown);
});

test("a secret is hashed once per reading of its record; another one is as wrong as before", async () => {
  const { authenticate, create, hashes, wait } = setUp();
  const { key, presented } = await create("acme");
  const wrong = presented.slice(0, -1) + (presented.endsWith("0") ? "1" : "0");
  const unknown = { ok: false, denial: "key_unknown" };
  assert.deepEqual(await authenticate(wrong, "write"), unknown);
  for (let i = 0; i < 10; i++) {
    assert.deepEqual(await authenticate(presented, "write"), { ok: true, key });
  }
  assert.equal(hashes(), 2);
  assert.deepEqual(await authenticate(wrong, "write"), unknown);
  assert.equal(hashes(), 3);
  await wait(600);
  assert.deepEqual(await authenticate(presented, "write"), { ok: true, key });
  assert.equal(hashes(), 4);
});

test("the secret is stored nowhere, keys and secrets are never the same twice", async () => {
  const { create, keys, ledger } = setUp();
  const made = await Promise.all(Array.from({ length: 50 }, () => create("acme")));
  const secrets = made.map(({ presented }) => presented.slice(-64));
  assert.equal(new Set(secrets).size, 50);
  const rows = JSON.stringify(await ledger.ledgerRows(""));
  for (const secret of secrets) assert.ok(!rows.includes(secret));
  assert.equal((await listKeys(keys)).length, 50);
});

test("keys are listed by tenant, by moment of creation", async () => {
  const { create, keys, wait } = setUp();
  const made: string[] = [];
  for (let i = 0; i < 6; i++) {
    made.push((await create(i % 2 === 0 ? "acme" : "other")).key.id);
    await wait(1);
  }
  assert.deepEqual(
    (await listKeys(keys)).map((k) => k.id),
    made,
  );
  const acme = made.filter((_, i) => i % 2 === 0);
  assert.deepEqual(
    (await listKeys(keys, "acme")).map((k) => k.id),
    acme,
  );
  assert.deepEqual(await listKeys(keys, "nobody"), []);
});

test("a tenant that is no name and a key without scopes are refused", async () => {
  const { keys } = setUp();
  for (const tenant of ["", "Acme", "a/b"]) {
    const made = createKey(keys, keyMaking, { tenant, scopes: ["read"] }, START);
    await assert.rejects(made, { code: "configuration" });
  }
  const bare = createKey(keys, keyMaking, { tenant: "acme", scopes: [] }, START);
  await assert.rejects(bare, { code: "configuration" });
  assert.deepEqual(await keys.list(), []);
});

test("an id in use is not given out again", async () => {
  const { keys } = setUp();
  let calls = 0;
  // The first two keys draw the same id; every call with six bytes is an id.
  const randomBytes = (n: number) => new Uint8Array(n).fill(n === 6 && ++calls > 2 ? 2 : 1);
  const making = { hash: sha256KeyHash, randomBytes };
  const first = await createKey(keys, making, { tenant: "acme", scopes: ["read"] }, START);
  const second = await createKey(keys, making, { tenant: "other", scopes: ["read"] }, START);
  assert.notEqual(first.key.id, second.key.id);
  assert.deepEqual(await keys.get(first.key.id), first.key);
});

test("a revocation is seen within a second, and nothing undoes it", async () => {
  const { authenticate, create, keys, wait, now } = setUp();
  const { key, presented } = await create("acme");
  assert.ok((await authenticate(presented, "write")).ok);
  const revoked = await revokeKey(keys, key.id, now());
  assert.equal(revoked.revokedMs, START);
  await wait(999);
  assert.deepEqual(await authenticate(presented, "write"), { ok: false, denial: "key_revoked" });
  assert.equal((await revokeKey(keys, key.id, now())).revokedMs, START);
  assert.equal(await keys.add(key), false);
  assert.equal((await keys.get(key.id))?.revokedMs, START);
  await assert.rejects(revokeKey(keys, "ffffffffffff", now()), { code: "key_unknown" });
});

test("revoking twice at the same time leaves one moment", async () => {
  const { create, keys } = setUp();
  const { key } = await create("acme");
  const times = [1, 2, 3, 4].map((ms) => plusMs(START, ms));
  const seen = await Promise.all(times.map((at) => keys.revoke(key.id, at)));
  assert.equal(new Set(seen.map((k) => k?.revokedMs)).size, 1);
});

test("a busy key costs one read per half second, however many ask at once", async () => {
  const { authenticate, create, reads, wait } = setUp();
  const { presented } = await create("acme");
  const many = () =>
    Promise.all(Array.from({ length: 100 }, () => authenticate(presented, "write")));
  await many();
  await many();
  assert.equal(reads(), 1);
  await wait(500);
  await many();
  assert.equal(reads(), 2);
});

test("remembered keys are bounded", async () => {
  const { authenticate, create, reads } = setUp({ capacity: 2 });
  const made = [await create("a"), await create("b"), await create("c")];
  for (const { presented } of made) await authenticate(presented, "write");
  await authenticate(made[2]?.presented, "write");
  assert.equal(reads(), 3);
  await authenticate(made[0]?.presented, "write");
  assert.equal(reads(), 4);
});

test("while the store is down known keys work for ten minutes, others get store_unavailable", async () => {
  const { authenticate, create, wait, ...store } = setUp();
  const [known, stranger] = [await create("acme"), await create("acme")];
  await authenticate(known.presented, "write");
  store.break(true);
  await wait(600_000);
  assert.ok((await authenticate(known.presented, "write")).ok);
  const refused = { code: "store_unavailable" };
  await assert.rejects(authenticate(stranger.presented, "write"), refused);
  await wait(1);
  await assert.rejects(authenticate(known.presented, "write"), refused);
  store.break(false);
  assert.ok((await authenticate(stranger.presented, "write")).ok);
});

test("a key that is remembered is judged at once", async () => {
  const { authenticate, authenticator, create, wait } = setUp();
  const { key, presented } = await create("acme");
  await authenticate(presented, "write");
  await wait(499);
  assert.deepEqual(authenticator.authenticate(presented, "write"), { ok: true, key });
  await wait(1);
  assert.ok(authenticator.authenticate(presented, "write") instanceof Promise);
  await wait(0);
});

test("a store that hangs holds up a known key for half a second, and then nobody", async () => {
  const { authenticate, create, wait, reads, ...store } = setUp();
  const { key, presented } = await create("acme");
  await authenticate(presented, "write");
  await wait(500);
  const hanging = Promise.withResolvers<void>();
  store.hold(hanging.promise);
  let ended = 0;
  const ask = () => authenticate(presented, "write").finally(() => ended++);
  const first = ask();
  await wait(499);
  assert.equal(ended, 0);
  await wait(1);
  assert.deepEqual(await first, { ok: true, key });
  // One reading hangs for all; who comes now does not wait for it.
  assert.ok((await ask()).ok);
  await wait(3000);
  assert.ok((await ask()).ok);
  assert.equal(reads(), 2);
  // It fails, and so do the next ones: none of them is waited for.
  store.break(true);
  hanging.resolve();
  await wait(0);
  for (let i = 0; i < 3; i++) assert.ok((await ask()).ok);
  assert.ok(reads() > 2);
  // Right after a failure not even half a second.
  const again = Promise.withResolvers<void>();
  store.hold(again.promise);
  assert.ok((await ask()).ok);
  again.resolve();
  await wait(0);
  // Back again: what was revoked is seen within a second of it.
  store.break(false);
  await revokeKey(store.keys, key.id, store.now());
  await wait(999);
  await ask();
  // The reading that was begun then comes back.
  await wait(0);
  assert.deepEqual(await ask(), { ok: false, denial: "key_revoked" });
});

test("a damaged row lets nobody in", async () => {
  const { authenticate, create, ledger } = setUp();
  const { key, presented } = await create("acme");
  const damages = ["", "null", "[]", "{", JSON.stringify({ ...key, scopes: "write" })];
  damages.push(JSON.stringify({ ...key, hash: "" }), JSON.stringify({ ...key, id: "other" }));
  damages.push(
    JSON.stringify({ ...key, tenant: "../x" }),
    JSON.stringify({ ...key, revokedMs: "1" }),
  );
  for (const damage of damages) {
    const row = await ledger.ledger(`key/${key.id}`);
    assert.ok(await ledger.cas(`key/${key.id}`, row?.version ?? 0, damage));
    await assert.rejects(authenticate(presented, "write"), { code: "corrupt_bytes" }, damage);
  }
});
