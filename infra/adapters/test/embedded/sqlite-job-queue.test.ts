// The sqlite job queue against the port's contract, and planted bugs that the suite must catch.
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { after, test } from "node:test";
import { epochMs, TandemError } from "@tandem/shared-logic";
import { jobQueueSuite, type OpenJobQueue } from "@tandem/shared-logic/testing";
import { SqliteJobQueue } from "../../src/embedded/sqlite-job-queue.ts";
import { SqliteViewStore } from "../../src/embedded/sqlite-view-store.ts";
import { HandClock } from "../../src/memory/hand-clock.ts";
import { caughtBy } from "../caught-by.ts";
import { mortalClock } from "../mortal-clock.ts";
import { type Mutation, WitnessedDatabase } from "../witnessed-database.ts";

const folder = mkdtempSync(join(tmpdir(), "tandem-jobs-"));
after(() => rmSync(folder, { recursive: true }));
const START = epochMs(1_570_000_000_500);
let files = 0;
const freshPath = (): string => join(folder, `${++files}.db`);

function opened(path: string, mutation?: Mutation): OpenJobQueue & { db: WitnessedDatabase } {
  const time = new HandClock(START);
  const { clock, kill } = mortalClock(time);
  const db = new WitnessedDatabase(path, mutation);
  return {
    db,
    queue: new SqliteJobQueue(db, { clock }),
    clock: time,
    pass: (ms) => time.advance(ms),
    unitMs: 1_000,
    async die() {
      kill();
      db.close();
      return new SqliteJobQueue(new WitnessedDatabase(path, mutation), { clock: time });
    },
  };
}

jobQueueSuite({ test, open: async () => opened(freshPath()) });

const MUTATIONS: Readonly<Record<string, Mutation>> = {
  "due time not written": {
    piece: "dueMs = ?, openChildren",
    replacement: "dueMs = min(dueMs, ?), openChildren",
  },
  "attempt not counted": { piece: "SET attempt = ?", replacement: "SET attempt = min(1, ?)" },
  "parents begun before their children": {
    piece: "AND openChildren = 0 ORDER",
    replacement: "ORDER",
  },
  "parents of a known child not written": {
    piece: "parents = ? WHERE",
    replacement: "parents = iif(?, parents, parents) WHERE",
  },
  "queues mixed up": {
    piece: "WHERE queue = ? AND status = 'ready'",
    replacement: "WHERE queue >= ? AND status = 'ready'",
  },
  "keys of other queues known": {
    piece: "WHERE queue = ? AND key = ?",
    replacement: "WHERE queue > ? AND key = ?",
  },
  "running jobs not found at opening": {
    piece: "WHERE status = 'running'",
    replacement: "WHERE status = 'Running'",
  },
  "periods begin in their middle": {
    piece: "job_schedule VALUES (?, ?, ?, ?)",
    replacement: "job_schedule VALUES (?1, ?2, ?3 + ?2 / 2, ?4)",
  },
  "schedule not removed": {
    piece: "job_schedule WHERE name = ?",
    replacement: "job_schedule WHERE name < ?",
  },
};

for (const [bug, mutation] of Object.entries(MUTATIONS)) {
  test(`the suite catches: ${bug}`, async (t) => {
    const databases: WitnessedDatabase[] = [];
    const caught = await caughtBy((collect) =>
      jobQueueSuite({
        test: collect,
        async open() {
          const open = opened(freshPath(), mutation);
          databases.push(open.db);
          return open;
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

test("a file of another format version is refused; views and jobs may share a file", async () => {
  const path = freshPath();
  const clock = new HandClock(START);
  const queue = new SqliteJobQueue(path, { clock });
  const views = new SqliteViewStore(path);
  await queue.add({ queue: "q", key: "k", data: 1 });
  assert.equal(await views.cas("k", 0, "v"), true);
  await Promise.all([queue.close(), views.close()]);
  const db = new DatabaseSync(path);
  db.exec("UPDATE meta SET value = 2 WHERE name = 'format/jobs'");
  db.close();
  const refused = (e: unknown) => e instanceof TandemError && e.code === "format_version";
  assert.throws(() => new SqliteJobQueue(path, { clock }), refused);
  await new SqliteViewStore(path).close();
});

test("finished jobs are forgotten beyond a thousand", async () => {
  const time = new HandClock(START);
  const path = freshPath();
  const queue = new SqliteJobQueue(path, { clock: time });
  await queue.process("q", 50, async () => {});
  for (let n = 0; n < 1_200; n++) await queue.add({ queue: "q", key: `k${n}`, data: null });
  await time.advance(1_000);
  await queue.close();
  const db = new DatabaseSync(path);
  const row = db.prepare("SELECT count(*) AS n, max(key = 'k1199') AS newest FROM job").get();
  db.close();
  assert.ok(Number(row?.["n"]) >= 1_000 && Number(row?.["n"]) <= 1_064, `${row?.["n"]} are left`);
  assert.equal(row?.["newest"], 1);
});

test("a handler's end is not lost when the table does not answer at that moment", async () => {
  const time = new HandClock(START);
  const path = freshPath();
  const queue = new SqliteJobQueue(new DatabaseSync(path, { timeout: 1 }), { clock: time });
  const other = new DatabaseSync(path);
  let runs = 0;
  await queue.process("q", 1, async () => {
    runs++;
    other.exec("BEGIN IMMEDIATE");
  });
  await queue.add({ queue: "q", key: "k", data: null });
  await time.advance(3_000);
  assert.equal(await queue.state("q", "k"), "running");
  other.exec("ROLLBACK");
  await time.advance(3_000);
  assert.equal(await queue.state("q", "k"), "done");
  assert.equal(runs, 1);
  other.close();
  await queue.close();
});
