// The sqlite view store against the port's contract, over real files whose WAL a power cut shortens;
// planted bugs that the suite must catch; and what is the adapter's own.
import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { after, test } from "node:test";
import { type Fingerprint, TandemError, utcDay } from "@tandem/shared-logic";
import { type OpenViewStore, viewStoreSuite } from "@tandem/shared-logic/testing";
import { SqliteViewStore } from "../../src/embedded/sqlite-view-store.ts";
import { caughtBy } from "../caught-by.ts";
import { type Mutation, WitnessedDatabase } from "../witnessed-database.ts";

const folder = mkdtempSync(join(tmpdir(), "tandem-views-"));
after(() => rmSync(folder, { recursive: true }));
let files = 0;
const freshPath = (): string => join(folder, `${++files}.db`);

function opened(db: WitnessedDatabase, path: string): OpenViewStore {
  const store = new SqliteViewStore(db);
  return {
    store,
    async reopen() {
      await store.close();
      return new SqliteViewStore(path);
    },
    async powerCut(random) {
      const left = freshPath();
      db.powerCut(random, left);
      return new SqliteViewStore(left);
    },
  };
}

viewStoreSuite({
  test,
  async open() {
    const path = freshPath();
    return opened(new WitnessedDatabase(path), path);
  },
});

const MUTATIONS: Readonly<Record<string, Mutation>> = {
  "upsert whatever its `to`": { piece: `WHERE excluded."to" > speed."to"`, replacement: "" },
  "equal `to` overwrites": {
    piece: `excluded."to" > speed`,
    replacement: `excluded."to" >= speed`,
  },
  "state not replaced": { piece: ", state = excluded.state", replacement: "" },
  "position moves back": { piece: `max("to", excluded."to")`, replacement: `excluded."to"` },
  "asOf moves back": { piece: "max(asOf, excluded.asOf)", replacement: "excluded.asOf" },
  "start overwritten": { piece: "OR IGNORE INTO start", replacement: "OR REPLACE INTO start" },
  "until inclusive": {
    piece: `?2 AND start < ?3 AND "to"`,
    replacement: `?2 AND start <= ?3 AND "to"`,
  },
  "from exclusive": {
    piece: `start >= ?2 AND start < ?3 AND "to"`,
    replacement: `start > ?2 AND start < ?3 AND "to"`,
  },
  "first partition only": { piece: "partition > later", replacement: "partition < later" },
  "a row right above is left out": { piece: `"to" > above`, replacement: `"to" > above + 1` },
  "groups ignored": { piece: "grp IN (SELECT", replacement: "'' NOT IN (SELECT" },
  "first cell only": { piece: "UNION ALL", replacement: "INTERSECT" },
  "drop goes down": { piece: "max(below, excluded.below)", replacement: "excluded.below" },
  "drop also deletes the next day": {
    piece: "AND start < ? AND (start",
    replacement: "AND start <= ? AND (start",
  },
  "only the first rows dropped": {
    piece: "segment, doubt) > (",
    replacement: "segment, doubt) < (",
  },
  "cas ignores the version": {
    piece: "WHERE key = ? AND version = ?",
    replacement: "WHERE key = ? AND ? >= 0",
  },
  "cas creates over a row": {
    piece: "?) ON CONFLICT DO NOTHING",
    replacement: "?) ON CONFLICT DO UPDATE SET value = excluded.value",
  },
  "versions do not grow": { piece: "version = version + 1", replacement: "version = version" },
  "ledger from behind the prefix": { piece: "key >= ? ORDER", replacement: "key > ? ORDER" },
  "ledger in order of letters": {
    piece: "ORDER BY key",
    replacement: "ORDER BY key COLLATE NOCASE",
  },
  "run row overwritten by nothing": {
    piece: "OR IGNORE INTO run_row",
    replacement: "INTO run_row",
  },
  "read back stops early": { piece: "(start, grp) > (?, ?)", replacement: "(start, grp) < (?, ?)" },
  "removing a run takes the others": {
    piece: "DELETE FROM run WHERE id = ?",
    replacement: "DELETE FROM run WHERE id <> ?",
  },
  "nothing is ever synced": { piece: "synchronous = FULL", replacement: "synchronous = NORMAL" },
  "sync writes nothing": { piece: "name = 'syncs'", replacement: "name = 'none'" },
};

for (const [bug, mutation] of Object.entries(MUTATIONS)) {
  test(`the suite catches: ${bug}`, async (t) => {
    const databases: WitnessedDatabase[] = [];
    const caught = await caughtBy((collect) =>
      viewStoreSuite({
        test: collect,
        async open() {
          const path = freshPath();
          const db = new WitnessedDatabase(path, mutation);
          databases.push(db);
          return opened(db, path);
        },
      }),
    );
    assert.ok(
      databases.some((db) => db.planted),
      "the mutated piece occurs in no statement",
    );
    assert.notEqual(caught, undefined, "no case of the suite failed");
    t.diagnostic(`by ${caught}`);
  });
}

const refusal = (code: string, retryable: boolean) => (error: unknown) =>
  error instanceof TandemError && error.code === code && error.retryable === retryable;

test("a file of another format version is refused with the way forward", async () => {
  const path = freshPath();
  await new SqliteViewStore(path).close();
  const db = new DatabaseSync(path);
  db.exec("UPDATE meta SET value = 99 WHERE name = 'format/views'");
  db.close();
  assert.throws(() => new SqliteViewStore(path), refusal("format_version", false));
  assert.throws(() => new SqliteViewStore(path), /format 99.*keep the file/s);
});

test("a file that is no database is named as damaged, a missing folder as unavailable", () => {
  const path = freshPath();
  writeFileSync(path, "no database at all, but long enough to have a header".repeat(4));
  assert.throws(() => new SqliteViewStore(path), refusal("corrupt_bytes", false));
  const nowhere = join(folder, "absent", "views.db");
  assert.throws(() => new SqliteViewStore(nowhere), refusal("store_unavailable", true));
});

test("10: a store that another connection keeps locked is unavailable, and works afterwards", async () => {
  const path = freshPath();
  const store = new SqliteViewStore(new DatabaseSync(path, { timeout: 10 }));
  const other = new DatabaseSync(path);
  other.exec("BEGIN IMMEDIATE");
  await assert.rejects(store.cas("k", 0, "v"), refusal("store_unavailable", true));
  await assert.rejects(store.sync(), refusal("store_unavailable", true));
  other.exec("ROLLBACK");
  other.close();
  assert.equal(await store.cas("k", 0, "v"), true);
  await store.close();
});

test("codes made in a transaction that failed are not used afterwards", async () => {
  const store = new SqliteViewStore(freshPath());
  const row = {
    fp: "m@1-0" as Fingerprint,
    tenant: "acme",
    set: 0,
    group: "[]",
    startMs: 0 as never,
    segment: 0,
    to: 1,
    doubt: 0 as const,
    events: 1,
    skipped: 0,
    state: Uint8Array.of(1),
  };
  const flush = { dataset: "app", partition: 0, to: 1, asOf: 0 as never, starts: [], rows: [row] };
  await assert.rejects(store.flush({ ...flush, rows: [row, { ...row, events: 0.5 }] }));
  await store.flush({ ...flush, rows: [{ ...row, fp: "other@1-0" as Fingerprint }] });
  await store.flush(flush);
  const query = { dataset: "app", tenant: "acme", set: 0, from: 0 as never, until: 9 as never };
  for (const fp of ["m@1-0", "other@1-0"] as Fingerprint[]) {
    assert.deepEqual(
      (await store.readSpeed({ ...query, fp })).map((r) => r.fp),
      [fp],
    );
  }
  const day = utcDay(0);
  await store.dropSpeed("app", row.fp, day, [1]);
  assert.equal((await store.readSpeed({ ...query, fp: row.fp })).length, 0);
  assert.equal((await store.readSpeed({ ...query, fp: "other@1-0" as Fingerprint })).length, 1);
  await store.close();
});

test("a flush of any number of rows writes each of them once, with what is its own", async () => {
  // Statements take many rows, some and one.
  for (const count of [1, 15, 16, 127, 128, 129, 128 + 16 + 1, 300]) {
    const store = new SqliteViewStore(freshPath());
    const rows = Array.from({ length: count }, (_, i) => ({
      fp: "m@1-0" as Fingerprint,
      tenant: "acme",
      set: 0,
      group: `["${String(i).padStart(3, "0")}"]`,
      startMs: 0 as never,
      segment: 0,
      to: count,
      doubt: 0 as const,
      events: i,
      skipped: count - i,
      state: Uint8Array.of(i, i >>> 8),
    }));
    const flush = { dataset: "app", partition: 0, to: count, asOf: 0 as never, starts: [], rows };
    await store.flush(flush);
    const query = { dataset: "app", fp: rows[0]!.fp, tenant: "acme", set: 0 };
    const read = await store.readSpeed({ ...query, from: 0 as never, until: 1 as never });
    assert.deepEqual(
      read.map(({ partition, ...row }) => ({ ...row, state: new Uint8Array(row.state) })),
      rows,
    );
    await store.close();
  }
});

test("two connections, as threads have them, see each other's writes under the same codes", async () => {
  const path = freshPath();
  const [one, two] = [new SqliteViewStore(path), new SqliteViewStore(path)];
  const row = { tenant: "acme", set: 0, group: "[]", grain: "day" as const, startMs: 0 as never };
  const rest = { events: 1, skipped: 0, state: Uint8Array.of(1) };
  await Promise.all(
    [one, two].map((store, n) =>
      store.writeRun(
        "r",
        Array.from({ length: 1_200 }, (_, i) => ({ ...row, ...rest, group: `["${i * 2 + n}"]` })),
      ),
    ),
  );
  assert.equal((await one.readBack("r")).count, 2_400);
  assert.deepEqual(await one.readBack("r"), await two.readBack("r"));
  await one.removeRun("r");
  await two.writeRun("r", [{ ...row, ...rest }]);
  assert.equal((await one.readBack("r")).count, 1);
  assert.equal(await one.cas("k", 0, "one"), true);
  assert.equal(await two.cas("k", 0, "two"), false);
  await Promise.all([one.close(), two.close()]);
});
