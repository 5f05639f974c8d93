// Conditions of `where`: the grammar as it is stated, and a canonical text that means the same.
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import {
  fixedValues,
  holds,
  parseWhere,
  type Where,
  WhereProblem,
  whereText,
} from "../../src/query/where.ts";

const DIMS = ["event_type", "properties.country", "properties.country.code"];
const fits = (text: string, values: Record<string, string | null>): boolean =>
  holds(parseWhere(text, DIMS), (dim) => values[dim] ?? null);

test("and binds closer than or, not closest; keywords in any case", () => {
  const de = { event_type: "view", "properties.country": "DE" };
  assert.ok(fits("event_type=buy and properties.country=FR or properties.country=DE", de));
  assert.ok(!fits("event_type=buy and (properties.country=FR or properties.country=DE)", de));
  assert.ok(fits("NOT event_type=buy AND properties.country IN (DE, FR)", de));
  assert.ok(!fits("properties.country not in (DE,FR)", de));
  assert.ok(fits("event_type!=buy", de));
  assert.ok(fits("properties.country.code=(none)", de));
  assert.ok(!fits('properties.country.code="(none)"', de));
});

test("a value alone is all that stands behind the sign; in quotes it may hold any sign", () => {
  for (const value of ["a=b:c", "black decker", " x", "", "sand and", "(a", "a)"])
    assert.equal(fixedValues(parseWhere(`event_type=${value}`, DIMS))?.get("event_type"), value);
  assert.ok(fits('event_type="a and b" or event_type=c', { event_type: "a and b" }));
});

test("what is not understood says where", () => {
  for (const text of [
    "",
    "event_type",
    "other=1",
    "event_type in ()  x",
    "(event_type=a",
    'event_type="a',
    'event_type="\\q"',
    "not",
    `${"(".repeat(1000)}event_type=a${")".repeat(1000)}`,
    `event_type in (${"a,".repeat(5000)}b)`,
  ])
    assert.throws(() => parseWhere(text, DIMS), WhereProblem, text.slice(0, 40));
});

test("the canonical text is read back as what it says", () => {
  const value = fc.option(fc.string({ unit: "binary", maxLength: 12 }), { nil: null });
  const { where } = fc.letrec<{ where: Where }>((tie) => ({
    where: fc.oneof(
      { maxDepth: 3 },
      fc.record({
        kind: fc.constant("is" as const),
        dim: fc.constantFrom(...DIMS),
        values: fc.uniqueArray(value, { minLength: 1, maxLength: 3 }),
      }),
      fc.record({ kind: fc.constant("not" as const), of: tie("where") }),
      fc.record({
        kind: fc.constantFrom("and" as const, "or" as const),
        of: fc.array(tie("where"), { minLength: 2, maxLength: 3 }),
      }),
    ),
  }));
  fc.assert(
    fc.property(where, fc.array(value, { minLength: 3, maxLength: 3 }), (w, values) => {
      const text = whereText(w);
      const of = (dim: string) => values[DIMS.indexOf(dim)] ?? null;
      const back = parseWhere(text, DIMS);
      assert.equal(whereText(back), text);
      assert.equal(holds(back, of), holds(w, of));
    }),
  );
});
