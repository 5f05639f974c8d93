// View files of format 1, in which partitions came behind groups: opening makes them format 2 with every answer as it
// was, and a power cut at any moment of that leaves one of the two. And that reads of format 2 seek their rows.
import assert from "node:assert/strict";
import { copyFileSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync, type StatementSync } from "node:sqlite";
import { after, test } from "node:test";
import {
  below,
  type Doubt,
  type EpochMs,
  type Fingerprint,
  HOUR_MS,
  type SpeedQuery,
  type SpeedRow,
  seededRandom,
  utcDay,
  type ViewStore,
} from "@tandem/shared-logic";
import { SqliteViewStore } from "../../src/embedded/sqlite-view-store.ts";
import { type Mutation, WitnessedDatabase } from "../witnessed-database.ts";

const folder = mkdtempSync(join(tmpdir(), "tandem-view-formats-"));
after(() => rmSync(folder, { recursive: true }));
let files = 0;
const freshPath = (): string => join(folder, `${++files}.db`);

const FPS = ["m@1-0", "n@1-0"] as Fingerprint[];
const DATASETS = ["app", "web"];
const TENANTS = ["acme", "zoo"];
const GROUPS = ["[]", '["a"]', '["é"]', '["\u{1f600}"]'];
const PARTITIONS = 3;
const HOURS = 5;

/** As the program before format 2 made it; all other tables are those of today. */
const TO_FORMAT_1 = `
CREATE TABLE old(series INTEGER, start INTEGER, grp TEXT, partition INTEGER, segment INTEGER, doubt INTEGER,
  "to" INTEGER NOT NULL, events INTEGER NOT NULL, skipped INTEGER NOT NULL, state BLOB NOT NULL,
  PRIMARY KEY(series, start, grp, partition, segment, doubt)) STRICT, WITHOUT ROWID;
INSERT INTO old SELECT series, start, grp, partition, segment, doubt, "to", events, skipped, state FROM speed;
DROP TABLE speed;
ALTER TABLE old RENAME TO speed;
UPDATE meta SET value = 1 WHERE name = 'format/views';
`;

function rowsOf(dataset: string, partition: number): SpeedRow[] {
  const random = seededRandom(partition + dataset.length);
  const rows: SpeedRow[] = [];
  for (const fp of FPS)
    for (const tenant of TENANTS)
      for (let hour = -1; hour < HOURS; hour++)
        for (const group of GROUPS)
          for (const segment of [0, 40]) {
            if (below(random, 3) === 0) continue;
            rows.push({
              ...{ fp, tenant, set: group === "[]" ? 0 : 1, group },
              startMs: (hour * HOUR_MS) as EpochMs,
              ...{ segment, to: segment + 1 + below(random, 40) },
              doubt: below(random, 3) as Doubt,
              ...{ events: below(random, 9), skipped: below(random, 2) },
              state: new Uint8Array(below(random, 400)).fill(rows.length),
            });
          }
  return rows;
}

async function filled(path: string): Promise<void> {
  const store = new SqliteViewStore(path);
  for (const dataset of DATASETS)
    for (let partition = 0; partition < PARTITIONS; partition++) {
      const starts = FPS.map((fp) => ({ fp, at: partition }));
      const rows = rowsOf(dataset, partition);
      await store.flush({ dataset, partition, to: 90, asOf: 7 as EpochMs, starts, rows });
    }
  await store.dropSpeed("web", FPS[0]!, utcDay(0), [40, 0, 40]);
  await store.cas("day/app", 0, "one");
  await store.cas("day/app", 1, "two");
  const cell = { tenant: "acme", set: 0, group: "[]", grain: "hour" as const };
  await store.writeRun("run", [
    { ...cell, startMs: 0 as EpochMs, events: 1, skipped: 0, state: Uint8Array.of(1) },
  ]);
  await store.close();
}

/** A file of format 1, closed, and what the store answered before it became one. */
async function formatOne(): Promise<{ path: string; answers: unknown }> {
  const path = freshPath();
  await filled(path);
  const answers = await answersOf(path);
  const db = new DatabaseSync(path);
  db.exec(`BEGIN; ${TO_FORMAT_1} COMMIT`);
  db.close();
  return { path, answers };
}

async function answersOf(path: string): Promise<unknown> {
  const store = new SqliteViewStore(path);
  const answers: unknown[] = [await store.ledgerRows(""), await store.readBack("run")];
  for (const dataset of DATASETS) {
    answers.push(await store.positions(dataset, PARTITIONS));
    for (const fp of FPS) {
      answers.push(await store.starts(dataset, fp, PARTITIONS));
      const gone = await store.dropped(dataset, fp, utcDay(-1), utcDay(2), PARTITIONS);
      answers.push([...gone]);
      for (const tenant of TENANTS)
        for (const set of [0, 1]) answers.push(await readings(store, { dataset, fp, tenant, set }));
    }
  }
  await store.close();
  return answers;
}

type Series = Pick<SpeedQuery, "dataset" | "fp" | "tenant" | "set">;

const readings = (store: ViewStore, series: Series): Promise<unknown[]> =>
  Promise.all(
    [
      {},
      { from: HOUR_MS, until: 3 * HOUR_MS },
      { groups: [GROUPS[1]!, GROUPS[3]!, "absent"] },
      { above: [Number.POSITIVE_INFINITY, 30, 60] },
      { above: [20], groups: [GROUPS[2]!] },
    ].map(async (asked) => {
      const range = { from: -HOUR_MS as EpochMs, until: (HOURS * HOUR_MS) as EpochMs };
      const read = await store.readSpeed({ ...range, ...series, ...asked } as SpeedQuery);
      return read.map((row) => JSON.stringify({ ...row, state: [...row.state] })).sort();
    }),
  );

function formatOf(path: string): unknown {
  const db = new DatabaseSync(path);
  const row = db.prepare("SELECT value FROM meta WHERE name = 'format/views'").get();
  db.close();
  return row?.["value"];
}

/** Tables with their columns and keys, by name. */
function schemaOf(path: string): unknown {
  const db = new DatabaseSync(path);
  const tables = db.prepare("SELECT name, sql FROM sqlite_schema ORDER BY name").all();
  db.close();
  return tables.map(({ name, sql }) => [name, String(sql).replace(`"${name}"`, String(name))]);
}

test("a file of format 1 becomes one of format 2 and answers as before", async () => {
  const { path, answers } = await formatOne();
  assert.equal(formatOf(path), 1);
  assert.deepEqual(await answersOf(path), answers);
  assert.equal(formatOf(path), 2);
  const fresh = freshPath();
  await new SqliteViewStore(fresh).close();
  assert.deepEqual(schemaOf(path), schemaOf(fresh));
  // A flush finds the rows that it is to write over.
  const store = new SqliteViewStore(path);
  const rows = rowsOf("app", 0).map((row) => ({ ...row, to: 90 }));
  await store.flush({ dataset: "app", partition: 0, to: 91, asOf: 8 as EpochMs, starts: [], rows });
  const all = { from: -HOUR_MS as EpochMs, until: (HOURS * HOUR_MS) as EpochMs };
  const query = { ...all, dataset: "app", fp: FPS[0]!, tenant: "acme", set: 1 };
  const read = (await store.readSpeed(query)).filter((row) => row.partition === 0);
  const own = rows.filter((r) => r.fp === query.fp && r.tenant === "acme" && r.set === 1);
  assert.deepEqual([read.length, new Set(read.map((r) => r.to))], [own.length, new Set([90])]);
  await store.close();
});

test("a power cut while a file becomes format 2 leaves format 1 or 2, with the same answers", async () => {
  const { path, answers } = await formatOne();
  // So that pages are written before the commit, as those of a large file are.
  const spilling: Mutation = { piece: "cache_size = -16000", replacement: "cache_size = 2" };
  const db = new WitnessedDatabase(path, spilling);
  const store = new SqliteViewStore(db);
  assert.ok(db.planted);
  const random = seededRandom(5);
  const left = new Set<unknown>();
  for (let cut = 0; cut < 40; cut++) {
    const target = freshPath();
    db.powerCut(random, target);
    const probe = freshPath();
    for (const end of ["", "-wal"]) copyFileSync(target + end, probe + end);
    left.add(formatOf(probe));
    assert.deepEqual(await answersOf(target), answers);
    assert.equal(formatOf(target), 2);
  }
  await store.close();
  assert.deepEqual(await answersOf(path), answers);
  assert.ok(left.has(1), "no cut was before the commit");
});

for (const piece of ["DROP TABLE speed;", "ALTER TABLE speed_2", "INSERT OR REPLACE INTO meta"]) {
  test(`a file that fails to become format 2 stays as it is: ${piece}`, async () => {
    const { path, answers } = await formatOne();
    const db = new WitnessedDatabase(path, { piece, replacement: `DROP TABLE absent; ${piece}` });
    assert.throws(() => new SqliteViewStore(db), /no such table: absent/);
    assert.equal(formatOf(path), 1);
    assert.deepEqual(await answersOf(path), answers);
  });
}

/** How long it would wait for another connection when each transaction began. */
class WaitingDatabase extends DatabaseSync {
  readonly waitsMs: unknown[] = [];
  override exec(sql: string): void {
    if (sql === "BEGIN IMMEDIATE") this.waitsMs.push(this.waitMs);
    super.exec(sql);
  }
  get waitMs(): unknown {
    return this.prepare("PRAGMA busy_timeout").get()?.["timeout"];
  }
}

test("opening waits for whoever makes a large file format 2, and nothing else does so long", async () => {
  const { path } = await formatOne();
  const db = new WaitingDatabase(path);
  const store = new SqliteViewStore(db);
  assert.deepEqual(db.waitsMs, [60_000]);
  await store.cas("a", 0, "b");
  assert.ok(db.waitsMs.slice(1).every((waitMs) => waitMs === 2_000));
  assert.equal(db.waitMs, 2_000);
  await store.close();
  const newer = new DatabaseSync(path);
  newer.exec("UPDATE meta SET value = 99 WHERE name = 'format/views'");
  newer.close();
  const refused = new WaitingDatabase(path);
  let left: unknown;
  refused.close = () => {
    left = refused.waitMs;
    DatabaseSync.prototype.close.call(refused);
  };
  assert.throws(() => new SqliteViewStore(refused), { code: "format_version" });
  assert.equal(left, 2_000);
});

class ListeningDatabase extends DatabaseSync {
  readonly heard = new Set<string>();
  override prepare(sql: string): StatementSync {
    this.heard.add(sql);
    return super.prepare(sql);
  }
}

test("whatever is asked of speed rows is sought by partition, series and start", async () => {
  const path = freshPath();
  await filled(path);
  const db = new ListeningDatabase(path);
  const store = new SqliteViewStore(db);
  const [partition, fp] = [1, FPS[0]!];
  const rows = rowsOf("app", partition);
  await store.flush({ dataset: "app", partition, to: 91, asOf: 8 as EpochMs, starts: [], rows });
  await readings(store, { dataset: "app", fp, tenant: "acme", set: 1 });
  await store.dropSpeed("app", fp, utcDay(0), [0, 40, 0]);
  const plans = [...db.heard]
    .filter((sql) => /\bspeed\b/.test(sql))
    .flatMap((sql) => db.prepare(`EXPLAIN QUERY PLAN ${sql}`).all())
    .map((row) => String(row["detail"]))
    .filter((detail) => /\bspeed\b/.test(detail));
  const key = "speed USING PRIMARY KEY";
  assert.deepEqual(
    new Set(plans),
    new Set([
      `SEARCH ${key} (partition>?)`,
      `SEARCH ${key} (partition=? AND series=? AND start>? AND start<?)`,
      `SEARCH ${key} (partition=? AND series=? AND start=? AND grp=?)`,
      `SEARCH ${key} (partition=? AND series=? AND (start,grp,segment,doubt)>(?,?,?,?) AND start<?)`,
      `SEARCH ${key} (partition=? AND series=? AND start=? AND grp=? AND segment=? AND doubt=?)`,
    ]),
  );
  await store.close();
});
