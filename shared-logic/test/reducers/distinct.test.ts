import assert from "node:assert/strict";
import { test } from "node:test";
import { formatDecimal } from "../../src/algebra/decimal.ts";
import { decimal, text, user } from "../../src/metrics/selector.ts";
import { below, type Random, seededRandom } from "../../src/ports/random.ts";
import { distinct } from "../../src/reducers/distinct.ts";
import { columnsOf } from "../../src/testing/columns-of.ts";
import { reducerLaws } from "../../src/testing/reducer-laws.ts";
import { forbidAmbient } from "../testing/forbid-ambient.ts";
import { purchase } from "./purchases.ts";

const ODD = ["", "\uFEFFbom", "\uFFFD", "\u{1F600}", "\uD800", "é", "\0", "u:\u{10FFFF}"];

/** Mostly new texts, some again and again, some that UTF-8 and UTF-16 order differently. */
function item(random: Random): string | null {
  const kind = below(random, 12);
  if (kind === 0) return null;
  if (kind === 1) return ODD[below(random, ODD.length)] ?? null;
  if (kind === 2) return `u:${below(random, 50)}`;
  return `u:${random.u32()}-${random.u32()}`;
}

const truth = (items: readonly (string | null)[]) => ({
  units: BigInt(new Set(items.flatMap((i) => (i === null ? [] : [i.toWellFormed()]))).size),
  scale: 0,
});

for (const precision of [4, 6, 12]) {
  reducerLaws(
    { test: (name, fn) => test(`precision ${precision}: ${name}`, fn) },
    distinct(user(), { precision }),
    {
      items: item,
      events: purchase(precision === 6 ? 100 : undefined),
      guard: forbidAmbient,
      truth,
      size: 40,
      bounds: { sizes: [0, 1, 10, 100, 700], trials: 60 },
      growth: { items: precision === 12 ? 100_000 : 5_000, limitBytes: 4 + 2 ** precision },
    },
  );
}

test("a row without text is neither a user nor skipped", () => {
  const reducer = distinct(text("properties.brand"));
  const brands = [null, undefined, { a: 1 }, ["a"], "aqua", 7, true];
  const columns = columnsOf(brands.map((brand) => ({ properties: { brand } })));
  const rows = Uint32Array.from(brands, (_, row) => row);
  for (const make of [reducer.kernels?.exact, reducer.kernels?.approx]) {
    const kernel = make!();
    kernel.grow(1);
    const skipped = new Float64Array(1);
    kernel.fold(columns, rows, new Int32Array(rows.length), rows.length, skipped);
    assert.equal(skipped[0], 0);
    const algebra = make === reducer.kernels?.exact ? reducer.exact : reducer.approx;
    const state = (algebra as typeof reducer.exact).decode(kernel.encode(0));
    const window = { from: 0, until: 1 } as never;
    const shown = (algebra as typeof reducer.exact).present(state, { window, events: 7 });
    assert.equal(formatDecimal(shown.value!), "3");
  }
});

test("what is no text, and precisions that cannot be, are refused when declared", () => {
  assert.throws(() => distinct(decimal("properties.price", { scale: 2 })), RangeError);
  assert.throws(() => distinct(user(), { precision: 3 }), RangeError);
  assert.throws(() => distinct(user(), { precision: 17 }), RangeError);
});

test("merging, sketching and counting sets on their bytes is doing it on the sets", () => {
  const random = seededRandom(7);
  const { exact, encoded, approx, toApprox } = distinct(user(), { precision: 6 });
  const setOf = (size: number) =>
    Array.from({ length: below(random, size) }, () => item(random)).reduce(
      (set, text) => exact.append(set, text),
      exact.zero,
    );
  for (let i = 0; i < 300; i++) {
    const sets = [setOf(60), setOf(8), setOf(30)] as const;
    const [a, b] = sets.map(exact.encode) as [Uint8Array, Uint8Array];
    const whole = sets.reduce(exact.plus);
    const context = { window: { from: 0, until: 1 } as never, events: 99 };
    assert.deepEqual(encoded?.plus(a, b), exact.encode(exact.plus(sets[0], sets[1])));
    assert.deepEqual(encoded?.toApprox(a), approx.encode(toApprox(sets[0])));
    for (const some of [[], [sets[0]], [...sets]])
      assert.deepEqual(
        encoded?.present?.(some.map(exact.encode), context),
        exact.present(some.reduce(exact.plus, exact.zero), context),
      );
    assert.deepEqual(encoded?.plus(exact.encode(whole), b), exact.encode(whole));
  }
  const two = exact.encode(["a", "b"]);
  for (const wrong of [two.subarray(0, -1), Uint8Array.of(...two, 0), Uint8Array.of(9)])
    for (const use of [
      () => encoded?.plus(wrong, exact.encode(["c"])),
      () => encoded?.toApprox(wrong),
      () => encoded?.present?.([wrong, two], { window: {} as never, events: 1 }),
    ])
      assert.throws(use, { code: "corrupt_bytes" });
});
