import assert from "node:assert/strict";
import { test } from "node:test";
import { conditionMask } from "../../src/fold/condition-mask.ts";
import {
  and,
  type Condition,
  eventType,
  exists,
  isIn,
  not,
  or,
} from "../../src/metrics/selector.ts";
import { below, type Random, seededRandom } from "../../src/ports/random.ts";
import { columnsOf } from "../../src/testing/columns-of.ts";

const BRANDS = ["aqua", "", "7", "true", undefined, null, 7, true, false, { a: 1 }, ["aqua"]];
const events = BRANDS.map((brand, i) => ({
  event_type: i % 2 ? "view" : "purchase",
  properties: { brand },
}));
const maskOf = (c: Condition): string => conditionMask(c, columnsOf(events)).join("");

test("in compares texts: numbers and booleans by their JSON text, null and nested values never", () => {
  assert.equal(maskOf(isIn("properties.brand", "aqua")), "10000000000");
  assert.equal(maskOf(isIn("properties.brand", "7", "true")), "00110011000");
  assert.equal(maskOf(isIn("properties.brand", "")), "01000000000");
  assert.equal(
    maskOf(isIn("properties.brand", "null", "undefined", "[object Object]")),
    "00000000000",
  );
  assert.equal(maskOf(isIn("properties.brand")), "00000000000");
  const many = Array.from({ length: 20 }, (_, i) => `${i}`);
  assert.equal(maskOf(isIn("properties.brand", ...many, "aqua")), "10100010000");
});

test("exists holds for any value but null", () => {
  assert.equal(maskOf(exists("properties.brand")), "11110011111");
  assert.equal(maskOf(exists("properties.nothing")), "00000000000");
});

test("and, or and not; of nothing, and holds and or does not", () => {
  assert.equal(maskOf(and(eventType("view"), exists("properties.brand"))), "01010001010");
  assert.equal(maskOf(or(eventType("view"), exists("properties.brand"))), "11110111111");
  assert.equal(maskOf(not(eventType("view"))), "10101010101");
  assert.equal(maskOf(and()), "11111111111");
  assert.equal(maskOf(or()), "00000000000");
});

test("random conditions mean per row what they mean for the event", () => {
  const values = ["a", "b", "c", "1"];
  const condition = (r: Random, depth: number): Condition => {
    switch (below(r, depth > 0 ? 5 : 2)) {
      case 0:
        return isIn("properties.x", ...values.filter(() => below(r, 2) === 0));
      case 1:
        return exists("properties.x");
      case 2:
        return not(condition(r, depth - 1));
      case 3:
        return and(condition(r, depth - 1), condition(r, depth - 1));
      default:
        return or(condition(r, depth - 1), condition(r, depth - 1), condition(r, depth - 1));
    }
  };
  const holds = (c: Condition, x: unknown): boolean => {
    switch (c.op) {
      case "in":
        return (typeof x === "string" || typeof x === "number") && c.values.includes(String(x));
      case "exists":
        return x !== undefined && x !== null;
      case "not":
        return !holds(c.condition, x);
      case "and":
        return c.all.every((one) => holds(one, x));
      case "or":
        return c.any.some((one) => holds(one, x));
    }
  };
  for (let seed = 0; seed < 200; seed++) {
    const r = seededRandom(seed);
    const c = condition(r, 3);
    const xs = Array.from(
      { length: 20 },
      () => ["a", "b", "c", "d", 1, null, undefined][below(r, 7)],
    );
    const mask = conditionMask(c, columnsOf(xs.map((x) => ({ properties: { x } }))));
    assert.deepEqual(
      [...mask],
      xs.map((x) => (holds(c, x) ? 1 : 0)),
      `seed ${seed}`,
    );
  }
});
