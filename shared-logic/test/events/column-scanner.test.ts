import assert from "node:assert/strict";
import { test } from "node:test";
import { BodyColumns } from "../../src/events/body-columns.ts";
import { ColumnScanner } from "../../src/events/column-scanner.ts";
import { DictionaryColumn } from "../../src/events/dictionary-column.ts";
import * as E from "../../src/events/event-columns.ts";
import { Interner } from "../../src/events/interner.ts";
import { makeImportedRecord, makeRecord } from "../../src/events/make-record.ts";
import { encodeCut } from "../../src/events/record.ts";
import { validateEvent } from "../../src/events/validate-event.ts";
import { below, type Random, seededRandom } from "../../src/ports/random.ts";
import { columnsOf } from "../../src/testing/columns-of.ts";
import { batchOf } from "./record-batch.ts";

const utf8 = new TextEncoder();
const T0 = 1_569_888_000_000;
const FIELDS = [
  "tenant",
  "user",
  "event_type",
  "event_id",
  "session_id",
  "version",
  "properties.price",
  "properties.country",
  "properties.a.b",
  "properties.__proto__",
  "context.é",
];

function recordOf(json: string, tenant: string): Uint8Array {
  const bytes = utf8.encode(json);
  const facts = validateEvent(bytes, 0, bytes.length);
  if (!("eventId" in facts)) assert.fail(`${json} ${JSON.stringify(facts)}`);
  return makeRecord(facts, utf8.encode(tenant), T0);
}

const pick = <T>(random: Random, from: readonly T[]): T => from[below(random, from.length)] as T;
const VALUES = [
  "DE",
  "",
  "ü\n",
  '"',
  "\ud800",
  1,
  1.5,
  -0.25,
  1e21,
  12345678901234,
  true,
  false,
  null,
  {},
  [1],
  undefined,
];

function eventOf(random: Random, i: number): Record<string, unknown> {
  const some = (make: () => unknown): unknown => (below(random, 3) === 0 ? undefined : make());
  return {
    event_id: `e${i}\\é`,
    event_type: pick(random, ["view", "purchase", "a/b\n"]),
    timestamp: T0 - below(random, 1000),
    user_id: some(() => pick(random, ["541", "ü", "", null])),
    anonymous_id: some(() => pick(random, ["c", '"', ""])),
    session_id: some(() => pick(random, ["s1", "s2", null])),
    version: some(() => pick(random, [1, "1", null])),
    properties: some(() => ({
      price: pick(random, VALUES),
      country: pick(random, VALUES),
      a: some(() => ({ b: pick(random, VALUES) })),
      ...(JSON.parse(`{"__proto__":${below(random, 9)}}`) as object),
    })),
    context: some(() => ({ é: pick(random, VALUES) })),
  };
}

/** A comparable picture of a column. */
function picture(field: E.FieldColumn, count: number): unknown {
  const codes = field.codes();
  const column = (scale: number): unknown => {
    const { units, status, big } = field.decimals(scale);
    return [[...units.subarray(0, count)], [...status.subarray(0, count)], [...big]];
  };
  return {
    kinds: [...field.kinds.subarray(0, count)],
    codes: [...codes.subarray(0, count)].map((c) => (c < 0 ? undefined : field.interner.text(c))),
    texts: Array.from({ length: count }, (_, row) => field.text(row)),
    hashes: [...field.hashes().subarray(0, 2 * count)],
    decimals: [column(0), column(2)],
  };
}

test("columns of generated events equal those of the plain reading", (t) => {
  const seed = 17;
  t.diagnostic(`seed ${seed}`);
  const random = seededRandom(seed);
  const tenant = "café";
  const limit = { entries: 40, sizeBytes: 400 };
  const scanner = new ColumnScanner(FIELDS, { tenant, internerLimit: limit });
  for (let round = 0; round < 40; round++) {
    const events = Array.from({ length: below(random, 120) }, (_, i) => eventOf(random, i));
    const foreign = events.map(() => below(random, 5) === 0);
    const json = events.map((e) => JSON.stringify(e, null, below(random, 10) === 0 ? 2 : 0));
    const records = json.map((text, i) =>
      foreign[i] ? utf8.encode(text) : recordOf(text, tenant),
    );
    const got = scanner.scan(batchOf(records, 100));
    const want = columnsOf(JSON.parse(`[${json}]`), { tenant, firstOffset: 100, partition: 3 });
    const n = events.length;
    const first = (a: ArrayLike<number>, lanes = 1): number[] => Array.from(a).slice(0, lanes * n);
    assert.equal(got.count, n);
    assert.equal(got.partition, 3);
    assert.deepEqual(first(got.offsets), first(want.offsets));
    assert.deepEqual(first(got.rowKinds), first(want.rowKinds));
    assert.deepEqual(first(got.timeMs), first(want.timeMs));
    assert.deepEqual(first(got.sentMs), first(want.sentMs));
    assert.deepEqual(first(got.idHashes, 4), first(want.idHashes, 4));
    assert.deepEqual(first(got.userKinds), first(want.userKinds));
    assert.deepEqual(
      first(got.flags),
      foreign.map((f) => (f ? E.FLAG_IMPORTED : 0)),
    );
    assert.deepEqual(
      first(got.receivedMs),
      foreign.map((f, i) => (f ? events[i]?.["timestamp"] : T0)),
    );
    for (const path of FIELDS) {
      const field = got.field(path);
      if (below(random, 2)) field.hashes();
      assert.deepEqual(picture(field, n), picture(want.field(path), n), path);
    }
  }
});

test("bodies from an archive give the same columns, with and without header values", () => {
  const random = seededRandom(18);
  const json = Array.from({ length: 50 }, (_, i) => JSON.stringify(eventOf(random, i)));
  const batch = batchOf(json.map((text) => utf8.encode(text)));
  const want = columnsOf(JSON.parse(`[${json}]`));
  const columns = new BodyColumns([...FIELDS.slice(1), "user"]);
  const { userKinds, idHashes } = want;
  const userHashes = want.field("user").hashes();
  for (const known of [{}, { idHashes, userHashes, userKinds }]) {
    columns.begin(batch.bytes, batch.count);
    columns.end({ ...batch, ...known });
    for (const path of FIELDS.slice(1)) {
      const field = columns.field(path);
      assert.ok(field);
      assert.deepEqual(picture(field, 50), picture(want.field(path), 50), path);
    }
  }
  assert.equal(columns.field("tenant"), undefined);
});

test("a dictionary column equals the column of its texts", () => {
  const texts = ["1.5", undefined, "x", "1.5", "true"];
  const interner = new Interner();
  const codes = Int32Array.from(texts, (x) =>
    x === undefined ? E.NO_TEXT : interner.internText(x),
  );
  const plain = columnsOf(texts.map((x) => ({ properties: { x } })));
  assert.deepEqual(
    picture(new DictionaryColumn(interner, codes, 5), 5),
    picture(plain.field("properties.x"), 5),
  );
  const values = [1.5, undefined, "x", 1.5, true];
  const kinds = Uint8Array.of(3, 0, 2, 3, 4);
  assert.deepEqual(
    picture(new DictionaryColumn(interner, codes, 5, kinds), 5),
    picture(columnsOf(values.map((x) => ({ properties: { x } }))).field("properties.x"), 5),
  );
});

const GOOD = '{"event_id":"1","event_type":"view","timestamp":5,"user_id":"u"}';

test("damaged and foreign records are dead rows; cuts are cuts", () => {
  const record = recordOf(GOOD, "t");
  const broken = (change: (bytes: Uint8Array, view: DataView) => void): Uint8Array => {
    const copy = record.slice();
    change(copy, new DataView(copy.buffer));
    return copy;
  };
  const cut = { seq: 7, activates: [], retires: [] };
  const dead = [
    new Uint8Array(0),
    Uint8Array.of(0xd1),
    record.subarray(0, 55),
    broken((b) => b.fill(2, 1, 2)),
    broken((b) => b.fill(9, 2, 3)),
    broken((b) => b.fill(0xc0, 3, 4)),
    broken((_, v) => v.setFloat64(28, Number.NaN, true)),
    broken((_, v) => v.setFloat64(36, -1, true)),
    broken((_, v) => v.setFloat64(44, 0.5, true)),
    broken((_, v) => v.setUint16(52, 60_000, true)),
    encodeCut(cut).subarray(0, 70),
    utf8.encode("nonsense"),
    utf8.encode('{"event_id":"1"}'),
  ];
  const scanner = new ColumnScanner(["tenant", "event_type", "user", "event_id", "properties.x"]);
  const columns = scanner.scan(
    batchOf([record, ...dead, encodeCut(cut), utf8.encode(GOOD), record]),
  );
  const n = columns.count;
  const expected = [
    E.ROW_EVENT,
    ...dead.map(() => E.ROW_DEAD),
    E.ROW_CUT,
    E.ROW_EVENT,
    E.ROW_EVENT,
  ];
  assert.deepEqual([...columns.rowKinds.subarray(0, n)], expected);
  assert.deepEqual(columns.cut(dead.length + 1), cut);
  assert.throws(() => columns.cut(0), RangeError);
  assert.throws(() => columns.field("properties.y"), RangeError);
  for (const path of ["tenant", "event_type", "user", "event_id"]) {
    const field = columns.field(path);
    for (let row = 0; row < n; row++) {
      const is = expected[row] === E.ROW_EVENT;
      assert.equal(field.text(row) !== undefined, is, `${path} ${row}`);
      assert.equal(field.kinds[row], is ? E.FIELD_TEXT : E.FIELD_ABSENT);
      assert.equal(field.codes()[row] !== E.NO_TEXT, is);
    }
  }
  assert.deepEqual(scanner.scan(batchOf([])).count, 0);
});

test("a body that cannot be read has no fields, and its header still counts", () => {
  const record = recordOf(GOOD, "t");
  record[record.length - 1] = 0x21;
  const columns = new ColumnScanner(["tenant", "user", "version"]).scan(batchOf([record]));
  assert.equal(columns.rowKinds[0], E.ROW_EVENT);
  assert.equal(columns.field("version").kinds[0], E.FIELD_ABSENT);
  assert.equal(columns.field("user").text(0), undefined);
  assert.notEqual(columns.field("user").hashes()[0], 0);
});

test("an imported record and a foreign one of the same event have the same header columns", () => {
  const json = utf8.encode(`${GOOD.slice(0, -1)},"sent_at":1,"received_at":"2019-10-01"}`);
  const facts = validateEvent(json, 0, json.length, { eventBytes: 999, depth: 9, imported: true });
  assert.ok("eventId" in facts);
  const imported = makeImportedRecord(facts, utf8.encode("t"));
  const c = new ColumnScanner(["tenant", "user"], { tenant: "t" }).scan(batchOf([imported, json]));
  for (const a of [
    c.flags,
    c.timeMs,
    c.sentMs,
    c.receivedMs,
    c.userKinds,
    c.field("tenant").codes(),
  ]) {
    assert.equal(a[0], a[1]);
  }
  assert.deepEqual(c.idHashes.slice(0, 4), c.idHashes.slice(4, 8));
  assert.deepEqual(c.field("user").hashes().slice(0, 2), c.field("user").hashes().slice(2, 4));
});

test("nothing of a batch is left in the next", () => {
  const scanner = new ColumnScanner(["tenant", "user", "event_id"]);
  const cut = encodeCut({ seq: 1, activates: [], retires: [] });
  const first = scanner.scan(batchOf([recordOf(GOOD, "aa"), recordOf(GOOD, "aa"), cut]));
  assert.equal(first.field("tenant").text(1), "aa");
  assert.equal(first.cut(2).seq, 1);
  scanner.scan(batchOf([cut, recordOf(GOOD, "bb"), recordOf(GOOD, "bb")]));
  const alone = scanner.scan(batchOf([recordOf(GOOD, "cc")]));
  assert.equal(alone.field("tenant").text(0), "cc");
  assert.throws(() => alone.cut(2), RangeError);
  const again = scanner.scan(batchOf([recordOf(GOOD, "dd")]));
  assert.equal(again.field("tenant").text(0), "dd");
  const dead = scanner.scan(batchOf([cut, cut]));
  assert.deepEqual([...dead.field("user").hashes().subarray(0, 4)], [0, 0, 0, 0]);
  assert.deepEqual([...dead.field("event_id").hashes().subarray(0, 4)], [0, 0, 0, 0]);
});

test("an interner that outgrew its limit is emptied before the next batch, never within one", () => {
  const records = Array.from({ length: 9 }, (_, i) => recordOf(GOOD.replace("view", `t${i}`), "t"));
  for (const [internerLimit, generation] of [
    [{ entries: 8, sizeBytes: 1000 }, 1],
    [{ entries: 9, sizeBytes: 17 }, 1],
    [{ entries: 9, sizeBytes: 18 }, 0],
  ] as const) {
    const scanner = new ColumnScanner(["event_type"], { internerLimit });
    const { interner } = scanner.scan(batchOf(records)).field("event_type");
    assert.deepEqual([interner.generation, interner.size], [0, 9]);
    assert.equal(scanner.scan(batchOf(records)).field("event_type").text(8), "t8");
    assert.deepEqual([interner.generation, interner.size], [generation, 9]);
  }
});
