// The codec's contract (ports/archive-codec.ts): columns of an object are the log's columns of the same
// records, records come back byte for byte, equal records give equal bytes, and DuckDB reads it all.
import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { parquetCodec } from "@tandem/adapters/parquet";
import {
  below,
  ColumnScanner,
  type Interner,
  type Random,
  type RecordBatch,
  ROW_EVENT,
  seededRandom,
  TandemError,
} from "@tandem/shared-logic";
import { openParquetCodec } from "../../src/parquet/parquet-codec.ts";
import { openDuckDb } from "./duckdb.ts";
import {
  batchOf,
  collected,
  contradictory,
  cutRecord,
  dead,
  eventJson,
  imported,
  recordsOf,
} from "./records.ts";
import { assertSameColumns } from "./same-columns.ts";

const FIELDS = [
  "tenant",
  "event_type",
  "user",
  "event_id",
  "session_id",
  "version",
  "properties.price",
  "properties.brand",
  "context.deep.er",
];

const folder = mkdtempSync(join(tmpdir(), "parquet-codec-"));
after(() => rmSync(folder, { recursive: true }));

/** A record of any kind; `odd`: also events that no collector writes. */
function anyRecord(random: Random, i: number, odd: boolean): Uint8Array {
  const kind = below(random, odd ? 10 : 9);
  if (kind === 0) return cutRecord(i);
  if (kind === 1) return dead(random);
  if (kind === 2) return Buffer.from(eventJson(random, i));
  if (kind === 3) return imported(eventJson(random, i), "ünit");
  return kind === 9
    ? contradictory(random, i)
    : collected(eventJson(random, i), `tenant-${below(random, 3)}`);
}

function anyBatch(seed: number, odd = false): RecordBatch {
  const random = seededRandom(seed);
  const values = Array.from({ length: below(random, 120) }, (_, i) => anyRecord(random, i, odd));
  let offset = below(random, 1000);
  const offsets = values.map(() => {
    offset += 1 + (below(random, 10) === 0 ? below(random, 5) : 0);
    return offset;
  });
  return batchOf(values, offsets);
}

function split(batch: RecordBatch, random: Random): RecordBatch[] {
  const parts: RecordBatch[] = [];
  for (let from = 0; from < batch.count; ) {
    const until = Math.min(batch.count, from + 1 + below(random, 40));
    parts.push(
      batchOf(recordsOf(batch).slice(from, until), [...batch.offsets.subarray(from, until)]),
    );
    from = until;
  }
  return parts;
}

for (const odd of [false, true]) {
  test(`contract 2: columns are the log's own${odd ? ", also of events no collector made" : ""}`, async () => {
    let events = 0;
    for (let seed = 1; seed <= 60; seed++) {
      const batch = anyBatch(seed, odd);
      const object = await parquetCodec.encode(batch.partition, [batch]);
      const expected = new ColumnScanner(FIELDS).scan(batch);
      if (batch.count === 0) continue;
      assertSameColumns(
        await parquetCodec.columns(object, FIELDS),
        expected,
        FIELDS,
        `seed ${seed}`,
      );
      for (let row = 0; row < batch.count; row++)
        if (expected.rowKinds[row] === ROW_EVENT) events++;
    }
    assert.ok(events > 1000);
  });

  test(`contract 4: records come back byte for byte${odd ? ", also those no collector made" : ""}`, async () => {
    for (let seed = 1; seed <= 60; seed++) {
      const batch = anyBatch(seed, odd);
      const back = await parquetCodec.records(await parquetCodec.encode(batch.partition, [batch]));
      assert.deepEqual([...back.offsets], [...batch.offsets], `seed ${seed}`);
      assert.deepEqual(recordsOf(back), recordsOf(batch), `seed ${seed}`);
      if (batch.count > 0) assert.equal(back.to, batch.to);
    }
  });
}

test("a header that differs in one bit from what the body says is kept as it is", async () => {
  const json = '{"event_id":"a","event_type":"view","timestamp":0,"user_id":"u1","session_id":"s"}';
  const good = collected(json, "acme", 0);
  const records = [good];
  for (const whole of [good, collected(json.replace('"u1"', "null"), "acme", 0)]) {
    // Times, too: a negative zero is a bit that no whole number keeps.
    for (let bit = 8 * 3; bit < 8 * 56; bit++) {
      const record = Uint8Array.from(whole);
      record[bit >>> 3]! ^= 1 << (bit & 7);
      records.push(record);
    }
  }
  const batch = batchOf(records);
  const object = await parquetCodec.encode(3, [batch]);
  assert.deepEqual(recordsOf(await parquetCodec.records(object)), recordsOf(batch));
  const expected = new ColumnScanner(FIELDS).scan(batch);
  assertSameColumns(await parquetCodec.columns(object, FIELDS), expected, FIELDS, "one bit");
});

test("contract 1: equal records give equal bytes, however they were batched", async () => {
  for (let seed = 1; seed <= 20; seed++) {
    const batch = anyBatch(seed, true);
    const one = await parquetCodec.encode(3, [batch]);
    const other = await parquetCodec.encode(3, split(batch, seededRandom(seed)));
    assert.equal(Buffer.compare(one, other), 0, `seed ${seed}`);
  }
});

test("contract 3: other bytes are corrupt_bytes", async () => {
  const object = await parquetCodec.encode(3, [anyBatch(5)]);
  for (let seed = 1; seed <= 300; seed++) {
    const random = seededRandom(seed);
    const bytes = object.slice(0, seed % 3 === 0 ? below(random, object.length) : object.length);
    for (let flips = 3; flips > 0 && bytes.length > 0; flips--)
      bytes[below(random, bytes.length)]! ^= 1 << below(random, 8);
    for (const read of [
      () => parquetCodec.columns(bytes, FIELDS),
      () => parquetCodec.records(bytes),
    ]) {
      try {
        await read();
      } catch (error) {
        const named = error instanceof TandemError && error.code === "corrupt_bytes";
        if (!named) throw new Error(`seed ${seed}`, { cause: error });
      }
    }
  }
  await assert.rejects(parquetCodec.columns(new Uint8Array(0), []), { code: "corrupt_bytes" });
});

test("fields that were not asked for are a RangeError, and shared interners give equal codes", async () => {
  const one = await parquetCodec.encode(0, [
    batchOf([collected(eventJson(seededRandom(1), 1), "a")]),
  ]);
  const two = await parquetCodec.encode(0, [
    batchOf([
      collected(eventJson(seededRandom(2), 1), "b"),
      collected(eventJson(seededRandom(2), 1), "a"),
    ]),
  ]);
  const interners = new Map<string, Interner>();
  const first = await parquetCodec.columns(one, ["tenant"], interners);
  const second = await parquetCodec.columns(two, ["tenant"], interners);
  assert.equal(first.field("tenant").codes()[0], second.field("tenant").codes()[1]);
  assert.equal(first.field("tenant").interner, second.field("tenant").interner);
  assert.throws(() => first.field("user"), RangeError);
  assert.throws(() => first.cut(0), RangeError);
});

test("a topic without headers is read with the codec's own tenant", async () => {
  const codec = openParquetCodec({ tenant: "foreign" });
  const batch = batchOf([Buffer.from(eventJson(seededRandom(3), 1))]);
  const columns = await codec.columns(await codec.encode(3, [batch]), FIELDS);
  assertSameColumns(
    columns,
    new ColumnScanner(FIELDS, { tenant: "foreign" }).scan(batch),
    FIELDS,
    "foreign",
  );
  assert.equal(columns.field("tenant").text(0), "foreign");
});

test("DuckDB reads counts, offsets, times, ids and values equal", async () => {
  const path = join(folder, "object.parquet");
  const random = seededRandom(11);
  const values = Array.from({ length: 2000 }, (_, i) => anyRecord(random, i, false));
  const batch = batchOf(values);
  writeFileSync(path, await parquetCodec.encode(3, [batch]));
  const columns = new ColumnScanner(FIELDS).scan(batch);
  const sql = await openDuckDb();
  try {
    const rows = await sql.rows(`
      select "partition", "offset"::int as "offset", kind, flags & 63 as flags, epoch_ms(time)::double as time,
        tenant, event_type, event_id, case user_kind when 1 then 'u' when 2 then 'a' end || "user" as user_text,
        session_id, shape, body, concat(v1, v2, v3, v4) as vs, epoch_ms(coalesce(sent, time))::double as sent,
        case when raw is not null then octet_length(raw)::int end as raw_bytes
      from '${path}' order by "offset"`);
    assert.equal(rows.length, batch.count);
    for (const [row, read] of rows.entries()) {
      const event = columns.rowKinds[row] === ROW_EVENT;
      const text = (field: string): string | null =>
        event ? (columns.field(field).text(row) ?? null) : null;
      const record = recordsOf(batch)[row] ?? Buffer.alloc(0);
      const { shape, body, vs, raw_bytes, ...rest } = read;
      assert.deepEqual(rest, {
        partition: 3,
        offset: row,
        kind: columns.rowKinds[row],
        flags: event ? columns.flags[row] : 0,
        time: event ? columns.timeMs[row] : null,
        sent: event ? columns.sentMs[row] : null,
        tenant: text("tenant"),
        event_type: text("event_type"),
        event_id: text("event_id"),
        user_text: text("user"),
        session_id: text("session_id"),
      });
      assert.equal(body, null);
      if (event) assert.ok(`${shape}${vs}`.length > 10);
      else assert.equal(raw_bytes, record.length);
    }
  } finally {
    sql.close();
  }
});
