// Bodies come back byte for byte, whatever JSON they are, and fields are read from shapes as from bodies.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { parquetCodec } from "@tandem/adapters/parquet";
import { below, ColumnScanner, seededRandom, unit } from "@tandem/shared-logic";
import fc from "fast-check";
import { readSlices } from "../../../src/parquet/entries.ts";
import { ParquetFile } from "../../../src/parquet/file.ts";
import { batchOf, collected, cutRecord, recordsOf } from "../records.ts";
import { assertSameColumns } from "../same-columns.ts";
import { anyBodies } from "./any-body.ts";

const FIELDS = [
  "tenant",
  "user",
  "user_id",
  "timestamp",
  "properties",
  "properties.country",
  "properties.path",
  "properties.price",
  "properties.a",
  "properties.tenant",
  "more.a.b",
  "more",
];

async function assertComesBack(bodies: readonly string[], label: string): Promise<Uint8Array> {
  const batch = batchOf([cutRecord(1), ...bodies.map((body) => collected(body))]);
  const object = await parquetCodec.encode(3, [batch]);
  assert.deepEqual(recordsOf(await parquetCodec.records(object)), recordsOf(batch), label);
  const expected = new ColumnScanner(FIELDS).scan(batch);
  assertSameColumns(await parquetCodec.columns(object, FIELDS), expected, FIELDS, label);
  const some = recordsOf(batch)
    .map((_, row) => row)
    .filter((row) => row % 3 === 1);
  const part = recordsOf(await parquetCodec.records(object, some));
  assert.deepEqual(
    part,
    some.map((row) => recordsOf(batch)[row]),
    label,
  );
  return object;
}

/** Rows whose body is stored whole. */
function wholeBodies(object: Uint8Array): number {
  return readSlices(new ParquetFile(object), "body").starts.filter((start) => start >= 0).length;
}

test("any JSON body comes back byte for byte, and its fields are the log's own", async () => {
  const one = fc.asyncProperty(anyBodies, async (bodies) => {
    const object = await assertComesBack(bodies, "any bodies");
    assert.equal(wholeBodies(object), 0);
  });
  await fc.assert(one, { numRuns: 60 });
});

test("values that many rows have in common, split, few, constant and beyond the columns", async () => {
  const random = seededRandom(5);
  const bodies = Array.from({ length: 700 }, (_, i) => {
    const many = Array.from({ length: 24 }, (_, k) => `"k${k}":${below(random, k + 1)}`).join(",");
    const path = `/catalog/${["a", "b", "c"][below(random, 3)]}/p${below(random, 1e6)}`;
    const odd = below(random, 200) === 0 ? `,"text":"\\ud800 ${unit(random)}"` : "";
    return (
      `{"event_id":"${i}","event_type":"view","timestamp":${1_569_888_000_000 + i},` +
      `"properties":{"path":"${path}","price":${below(random, 1e5) / 100},"same":"${"s".repeat(9)}",${many}${odd}}}`
    );
  });
  const object = await assertComesBack(bodies, "many alike");
  assert.equal(wholeBodies(object), 0);
  const plain = bodies.reduce((sum, body) => sum + body.length, 0);
  assert.ok(object.length < plain / 5, `${object.length} of ${plain} bytes`);
});

test("bodies too unlike each other, too deep, too long and with too many values come back too", async () => {
  const event = (i: number, json: string): string =>
    `{"event_id":"${i}","event_type":"view","timestamp":${1_569_888_000_000 + i},"properties":${json}}`;
  const unlike = Array.from({ length: 1100 }, (_, i) => event(i, `{"k${i}":{"n":${i}}}`));
  const object = await assertComesBack(unlike, "unlike");
  assert.ok(wholeBodies(object) > 0);
  await assertComesBack(
    [
      event(0, `${'{"a":['.repeat(31)}1${"]}".repeat(31)}`),
      event(1, `{"a":"${"long \\u00e9 ".repeat(80_000)}"}`),
      event(2, `{"a":[${Array.from({ length: 5000 }, (_, i) => i).join(", ")}]}`),
      event(3, '{"a":1}'),
    ],
    "large",
  );
});

test("an object of format 1 is read as ever", async () => {
  const golden = new URL("../golden/", import.meta.url);
  const object = readFileSync(new URL("format-1.parquet", golden));
  const records = readFileSync(new URL("records.base64", golden), "utf8").trimEnd().split("\n");
  const batch = batchOf(records.map((line) => Buffer.from(line, "base64")));
  assert.deepEqual(recordsOf(await parquetCodec.records(object)), recordsOf(batch));
  const expected = new ColumnScanner(FIELDS).scan(batch);
  assertSameColumns(await parquetCodec.columns(object, FIELDS), expected, FIELDS, "format 1");
  // Marks mean what they meant when the file was written.
  const shaped = readFileSync(new URL("format-2.parquet", golden));
  assert.deepEqual(recordsOf(await parquetCodec.records(shaped)), recordsOf(batch));
  assertSameColumns(await parquetCodec.columns(shaped, FIELDS), expected, FIELDS, "format 2");
});
