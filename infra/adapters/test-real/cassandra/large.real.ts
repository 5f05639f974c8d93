// What only shows in numbers: many pages, a large run, many changing one ledger row at once.
import assert from "node:assert/strict";
import { test } from "node:test";
import { CassandraViewStore } from "@tandem/adapters/cassandra";
import {
  dayStart,
  epochMs,
  type Fingerprint,
  HOUR_MS,
  plusMs,
  RunChecksum,
  type RunRow,
  type SpeedRow,
  SURE,
  utcDay,
} from "@tandem/shared-logic";
import { keyspaceOfFile, optionsOf, storeOfFile } from "./real-cassandra.ts";

const FP = "revenue@1-00112233445566778899aabbccddeeff" as Fingerprint;
const DAY = utcDay(18_170);
const MIDNIGHT = dayStart(DAY);
const RANGE = { from: MIDNIGHT, until: dayStart(utcDay(DAY + 1)) };
const PAGE_ROWS = 5_000;

const keyspace = await keyspaceOfFile();
const store = await storeOfFile(optionsOf(keyspace));

test("5: more rows of one partition than two pages hold are all read, and dropped", async () => {
  const many = 12_000;
  const rows = Array.from(
    { length: many },
    (_, n): SpeedRow => ({
      fp: FP,
      tenant: "acme",
      set: 1,
      group: JSON.stringify([`brand ${n % 4_000}`]),
      startMs: plusMs(MIDNIGHT, Math.floor(n / 4_000) * HOUR_MS),
      segment: 0,
      to: 50,
      doubt: SURE,
      events: n,
      skipped: 0,
      state: new Uint8Array(100),
    }),
  );
  assert.ok(many > 2 * PAGE_ROWS);
  await store.flush({ dataset: "many", partition: 0, to: 50, asOf: epochMs(1), starts: [], rows });
  const query = { dataset: "many", fp: FP, tenant: "acme", set: 1, ...RANGE };
  const read = await store.readSpeed(query);
  assert.deepEqual(
    read.map((row) => row.events).sort((a, b) => a - b),
    rows.map((row) => row.events),
  );
  const groups = rows.slice(0, 130).map((row) => row.group);
  assert.equal((await store.readSpeed({ ...query, groups })).length, 3 * groups.length);
  const hour = { ...query, from: plusMs(MIDNIGHT, HOUR_MS), until: plusMs(MIDNIGHT, 2 * HOUR_MS) };
  assert.equal((await store.readSpeed(hour)).length, 4_000);
  await store.dropSpeed("many", FP, DAY, [50]);
  assert.deepEqual(await store.readSpeed(query), []);
});

test("5: a query asked before finds what has come since, in other slots and partitions too", async () => {
  const query = { dataset: "since", fp: FP, tenant: "acme", set: 1, ...RANGE };
  const flush = (partition: number, hour: number) =>
    store.flush({
      dataset: "since",
      partition,
      to: 10,
      asOf: epochMs(1),
      starts: [],
      rows: [
        {
          fp: FP,
          tenant: "acme",
          set: 1,
          group: "[]",
          startMs: plusMs(MIDNIGHT, hour * HOUR_MS),
          segment: 0,
          to: 10,
          doubt: SURE,
          events: 1,
          skipped: 0,
          state: new Uint8Array(1),
        },
      ],
    });
  const places: (readonly [partition: number, hour: number])[] = [
    [0, 0],
    [0, 0],
    [0, 23],
    [2, 0],
    [1, 12],
  ];
  const seen = new Set<string>();
  for (const [partition, hour] of places) {
    await flush(partition, hour);
    seen.add(`${partition} ${hour}`);
    const read = await store.readSpeed(query);
    assert.deepEqual(
      read.map((row) => `${row.partition} ${(row.startMs - MIDNIGHT) / HOUR_MS}`).sort(),
      [...seen].sort(),
    );
  }
});

test("6: where a drop takes all rows, also inside a segment, there are none", async () => {
  const query = { dataset: "bare", fp: FP, tenant: "acme", set: 0, ...RANGE };
  const row: SpeedRow = {
    ...{ fp: FP, tenant: "acme", set: 0, group: "[]", startMs: MIDNIGHT, segment: 0 },
    ...{ to: 10, doubt: SURE, events: 1, skipped: 0, state: new Uint8Array(1) },
  };
  const flush = { dataset: "bare", partition: 0, to: 10, asOf: epochMs(1), starts: [] };
  await store.flush({ ...flush, rows: [row] });
  await store.dropSpeed("bare", FP, DAY, [5]);
  assert.deepEqual(await store.readSpeed(query), []);
  assert.deepEqual(await store.readSpeed({ ...query, above: [5] }), []);
  await store.flush({ ...flush, rows: [{ ...row, to: 12 }] });
  await store.dropSpeed("bare", FP, DAY, [6]);
  assert.deepEqual(await store.readSpeed(query), []);
});

test("6: a drop leaves what is written above its limit, also by who announced it before", async () => {
  const row = (segment: number, to: number): SpeedRow => ({
    fp: FP,
    tenant: "acme",
    set: 0,
    group: "[]",
    startMs: MIDNIGHT,
    segment,
    to,
    doubt: SURE,
    events: to,
    skipped: 0,
    state: new Uint8Array(0),
  });
  const flush = (rows: readonly SpeedRow[], to: number) =>
    store.flush({ dataset: "drops", partition: 0, to, asOf: epochMs(1), starts: [], rows });
  const query = { dataset: "drops", fp: FP, tenant: "acme", set: 0, ...RANGE };
  const segments = async () => (await store.readSpeed(query)).map((r) => r.segment).sort();
  await flush([row(0, 10)], 10);
  await flush([row(10, 15)], 15);
  await store.dropSpeed("drops", FP, DAY, [10]);
  assert.deepEqual(await segments(), [10]);
  await flush([row(10, 18)], 18); // its slot was announced once and is not again
  assert.deepEqual(await segments(), [10]);
  await flush([row(10, 20), row(20, 25)], 25);
  await store.dropSpeed("drops", FP, DAY, [20]);
  assert.deepEqual(await segments(), [20]);
  await flush([row(0, 10), row(10, 20)], 20); // a zombie's
  assert.deepEqual(await segments(), [20], "what was dropped does not come back");
  await Promise.all([flush([row(20, 30)], 30), store.dropSpeed("drops", FP, DAY, [20])]);
  assert.deepEqual(await segments(), [20]);
  assert.equal((await store.readSpeed(query))[0]?.to, 30);
});

test("7, 10: a run of 100,000 rows is written, read back and removed", async () => {
  const groups = 1_000;
  const rows = Array.from(
    { length: 100_000 },
    (_, n): RunRow => ({
      tenant: "acme",
      set: 1,
      group: JSON.stringify([`brand ${n % groups}`]),
      grain: "hour",
      startMs: plusMs(MIDNIGHT, Math.floor(n / groups) * HOUR_MS),
      events: n,
      skipped: 0,
      value: String(n),
      state: new Uint8Array(60),
    }),
  );
  const sum = new RunChecksum();
  for (const row of rows) sum.add(row);
  for (let i = 0; i < rows.length; i += 2_000) {
    await store.writeRun("large", rows.slice(i, i + 2_000));
  }
  assert.deepEqual(await store.readBack("large"), sum.done());
  const query = { run: "large", tenant: "acme", set: 1, grain: "hour", ...RANGE } as const;
  assert.equal((await store.readRun(query)).length, 24 * groups);
  const some = rows.slice(0, 120).map((row) => row.group);
  assert.equal((await store.readRun({ ...query, groups: some })).length, 24 * some.length);
  await store.removeRun("large");
  assert.equal((await store.readBack("large")).count, 0);
});

test("8: of twenty changing one row at once, from two processes, one wins each time", async () => {
  const other = await CassandraViewStore.open(optionsOf(keyspace));
  for (let version = 0; version < 3; version++) {
    const won = await Promise.all(
      Array.from({ length: 20 }, (_, i) =>
        (i % 2 ? store : other).cas("cut/app", version, `by ${i}`),
      ),
    );
    const winners = won.flatMap((w, i) => (w ? [i] : []));
    assert.equal(winners.length, 1);
    assert.deepEqual(await store.ledger("cut/app"), {
      key: "cut/app",
      version: version + 1,
      value: `by ${winners[0]}`,
    });
  }
  await other.close();
});

test("9: more rows below a prefix than a page holds", async () => {
  const keys = Array.from({ length: 1_100 }, (_, n) => `day/many/${n}`);
  for (let i = 0; i < keys.length; i += 50) {
    await Promise.all(keys.slice(i, i + 50).map((key) => store.cas(key, 0, key)));
  }
  const listed = await store.ledgerRows("day/many/");
  assert.deepEqual(
    listed.map((row) => row.key),
    keys.toSorted(),
  );
});
