import assert from "node:assert/strict";
import { test } from "node:test";
import { formatDecimal } from "../../src/algebra/decimal.ts";
import { decimal, eventType, flag, text } from "../../src/metrics/selector.ts";
import { sum } from "../../src/reducers/sum.ts";
import { columnsOf } from "../../src/testing/columns-of.ts";
import { reducerLaws } from "../../src/testing/reducer-laws.ts";
import { forbidAmbient } from "../testing/forbid-ambient.ts";
import { purchase, units } from "./purchases.ts";

const price = decimal("properties.price", { scale: 3 });
const window = { from: 0, until: 1 } as never;

reducerLaws({ test }, sum(price), {
  items: units,
  events: purchase(),
  guard: forbidAmbient,
  truth: (items) => ({ units: items.reduce((a, b) => a + b, 0n), scale: 3 }),
});

test("sum of a flag counts the events it holds for, and skips none", () => {
  const reducer = sum(flag(eventType("purchase")));
  const kernel = reducer.kernels!.exact!();
  kernel.grow(1);
  const skipped = new Float64Array(1);
  const columns = columnsOf([
    { event_type: "purchase" },
    { event_type: "view" },
    { event_type: "purchase" },
  ]);
  kernel.fold(columns, Uint32Array.of(0, 1, 2), new Int32Array(3), 3, skipped);
  assert.deepEqual(reducer.exact.decode(kernel.encode(0)), { units: 2n });
  assert.equal(skipped[0], 0);
});

test("a sum shows every cent, also of values no double holds", () => {
  const reducer = sum(price);
  const itemOf = reducer.items(
    columnsOf([
      { properties: { price: 0.1 } },
      { properties: { price: 0.2 } },
      { properties: { price: 10n ** 20n } },
    ]),
  );
  const state = [0, 1, 2].reduce(
    (s, row) => reducer.exact.append(s, itemOf(row)!),
    reducer.exact.zero,
  );
  assert.equal(
    formatDecimal(reducer.exact.present(state, { window, events: 3 }).value!),
    "100000000000000000000.3",
  );
});

test("a sum of texts is refused when it is declared", () => {
  assert.throws(() => sum(text("user")), RangeError);
  assert.throws(() => sum(decimal("properties.price", { scale: 19 })), RangeError);
});
