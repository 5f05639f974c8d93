import assert from "node:assert/strict";
import { test } from "node:test";
import * as E from "../../src/events/event-columns.ts";
import { murmur3Text } from "../../src/hash/murmur3.ts";
import { columnsOf } from "../../src/testing/columns-of.ts";
import { unitsOfNumber } from "../../src/testing/field-column-of.ts";

test("kinds and texts of every JSON value", () => {
  const values = ["a", "", 1.5, true, false, null, undefined, {}, []];
  const field = columnsOf(values.map((x) => ({ properties: { x } }))).field("properties.x");
  const text = [..."22345", 1, 0, 6, 6].map(Number);
  assert.deepEqual([...field.kinds], text);
  assert.deepEqual(
    values.map((_, row) => field.text(row)),
    ["a", "", "1.5", "true", "false", undefined, undefined, undefined, undefined],
  );
  assert.deepEqual([...field.codes()], [0, 1, 2, 3, 4, -1, -1, -1, -1]);
  assert.deepEqual([...field.hashes().subarray(0, 2)], [...murmur3Text("a").subarray(0, 2)]);
  assert.deepEqual([...field.hashes().subarray(10)], new Array(8).fill(0));
});

test("a user is the user id, else the anonymous id, tagged by kind", () => {
  const columns = columnsOf([
    { user_id: "7", anonymous_id: "c" },
    { anonymous_id: "7" },
    { user_id: null, anonymous_id: "c" },
    {},
  ]);
  assert.deepEqual([...columns.userKinds], [1, 2, 2, 0]);
  const texts = [0, 1, 2, 3].map((row) => columns.field("user").text(row));
  assert.equal(new Set(texts).size, 4);
  assert.equal(texts[3], undefined);
});

test("decimals: read exactly, else the reason", () => {
  const values = [0.1, -2, "1", null, undefined, 0.001, 10n ** 17n, 1e21, true, 1.25e-2];
  const field = columnsOf(values.map((x) => ({ properties: { x } }))).field("properties.x");
  const { status, units, big } = field.decimals(2);
  assert.deepEqual([...status], [0, 0, 2, 1, 1, 3, 4, 4, 2, 3]);
  assert.deepEqual(
    [units[0], units[1], big.get(6), big.get(7)],
    [10, -200, 10n ** 19n, 10n ** 23n],
  );
  assert.equal(unitsOfNumber("-1.50e1", 0), -15n);
  assert.equal(unitsOfNumber("1.5", 0), undefined);
  assert.equal(E.DECIMAL_BIG, 4);
});

test("paths walk objects, not arrays, and only own keys; another path is a bug", () => {
  const columns = columnsOf([{ properties: { a: { b: "x" }, list: ["y"] } }]);
  assert.equal(columns.field("properties.a.b").text(0), "x");
  assert.equal(columns.field("properties.list.0").text(0), undefined);
  assert.equal(columns.field("properties.constructor").kinds[0], E.FIELD_ABSENT);
  assert.equal(columns.field("tenant").text(0), "test");
  assert.throws(() => columns.field("price"), RangeError);
});
