// Ratios of every kind of pair: the laws, the interval, and what one row means to both sides.
import assert from "node:assert/strict";
import { test } from "node:test";
import { formatDecimal } from "../../src/algebra/decimal.ts";
import type { AnyReducer } from "../../src/algebra/reducer.ts";
import { decimal, eventType, user } from "../../src/metrics/selector.ts";
import { seededRandom } from "../../src/ports/random.ts";
import { count } from "../../src/reducers/count.ts";
import { distinct } from "../../src/reducers/distinct.ts";
import { perUser } from "../../src/reducers/per-user.ts";
import { ratio } from "../../src/reducers/ratio.ts";
import { sessions } from "../../src/reducers/sessions.ts";
import { sum } from "../../src/reducers/sum.ts";
import { columnsOf } from "../../src/testing/columns-of.ts";
import { appendAll, foldTree } from "../../src/testing/laws/fold-items.ts";
import { covers, missesAllowed } from "../../src/testing/laws/present-laws.ts";
import { reducerLaws } from "../../src/testing/reducer-laws.ts";
import { forbidAmbient } from "../testing/forbid-ambient.ts";
import { purchase } from "./purchases.ts";
import { windowOf } from "./windows.ts";

const price = decimal("properties.price", { scale: 3 });
const purchases = eventType("purchase");
const wide = purchase();

const CASES: readonly (readonly [name: string, reducer: AnyReducer])[] = [
  [
    "sum per user",
    ratio({ reducer: sum(price), where: purchases }, distinct(user()), { digits: 2 }),
  ],
  [
    "buyers among users",
    ratio({ reducer: distinct(user()), where: purchases }, distinct(user()), {
      digits: 6,
      share: true,
    }),
  ],
  ["purchases among events", ratio({ reducer: count(), where: purchases }, count(), { digits: 4 })],
];

for (const [name, reducer] of CASES) {
  reducerLaws({ test: (law, fn) => test(`${name}: ${law}`, fn) }, reducer, {
    items(random) {
      for (;;) {
        const item: unknown = reducer.items(columnsOf([wide(random)]))(0);
        if (item !== undefined) return item;
      }
    },
    events: wide,
    guard: forbidAmbient,
    trials: 10,
    bounds: { sizes: [0, 1, 10, 300], trials: 60 },
    growth: { items: 8000, limitBytes: 65_536 },
  });
}

test("the interval of buyers among many users holds as often as it says", () => {
  const reducer = CASES[1]?.[1];
  assert.ok(reducer);
  const trials = 60;
  let [misses, confidence] = [0, 1];
  for (let seed = 1; seed <= trials; seed++) {
    const random = seededRandom(seed);
    const columns = columnsOf(Array.from({ length: 3000 }, () => wide(random)));
    const item = reducer.items(columns);
    const items = Array.from({ length: columns.count }, (_, row) => item(row) as unknown).filter(
      (it) => it !== undefined,
    );
    const context = { window: windowOf(0, 1), events: items.length };
    const truth = reducer.exact.present(foldTree(reducer.exact, items), context);
    const shown = reducer.approx.present(foldTree(reducer.approx, items), context);
    confidence = Math.min(confidence, shown.confidence);
    if (!covers(shown, truth.value)) misses++;
  }
  assert.ok(misses <= missesAllowed(trials, confidence), `${misses} of ${trials}`);
});

const shown = (reducer: AnyReducer, events: readonly object[]) => {
  const columns = columnsOf(events as never);
  const item = reducer.items(columns);
  const items = Array.from({ length: columns.count }, (_, row) => item(row) as unknown);
  const kept = items.filter((it) => it !== undefined);
  const context = { window: windowOf(0, 1), events: kept.length };
  const { value } = reducer.exact.present(appendAll(reducer.exact, kept), context);
  return { value: value && formatDecimal(value), skipped: items.length - kept.length };
};

test("a row that one side takes part in and cannot read counts on neither, and is skipped", () => {
  const buy = (user_id: string, price: unknown) => ({
    event_type: "purchase",
    user_id,
    properties: { price },
  });
  const reducer = CASES[0]?.[1];
  assert.ok(reducer);
  const view = { event_type: "view", user_id: "ann", properties: { price: "none" } };
  assert.deepEqual(shown(reducer, [view, buy("bob", 10), buy("cem", "ten")]), {
    value: "5",
    skipped: 1,
  });
  assert.deepEqual(shown(reducer, []), { value: null, skipped: 0 });
});

test("half to even, once; below zero too", () => {
  const reducer = ratio(sum(price), count(), { digits: 2 });
  const of = (...prices: number[]) =>
    shown(
      reducer,
      prices.map((p) => ({ properties: { price: p } })),
    ).value;
  assert.equal(of(0.125), "0.12");
  assert.equal(of(0.135), "0.14");
  assert.equal(of(-0.125, 0), "-0.06");
});

test("what has a reach is refused when it is declared", () => {
  assert.throws(() => ratio(perUser(sessions()), count(), { digits: 1 }), RangeError);
});
