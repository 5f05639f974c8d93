// topK: the laws, exact counts, and the interval of each value against the counts, over Zipf values.
import assert from "node:assert/strict";
import { test } from "node:test";
import { decimal, text } from "../../src/metrics/selector.ts";
import { below, type Random, seededRandom, unit } from "../../src/ports/random.ts";
import { topK } from "../../src/reducers/top-k.ts";
import { columnsOf, type PlainEvent } from "../../src/testing/columns-of.ts";
import { foldTree } from "../../src/testing/laws/fold-items.ts";
import { missesAllowed } from "../../src/testing/laws/present-laws.ts";
import { reducerLaws } from "../../src/testing/reducer-laws.ts";
import { forbidAmbient } from "../testing/forbid-ambient.ts";
import { windowOf } from "./windows.ts";

const PRODUCT = "properties.product";
const DIMS = [PRODUCT, "properties.country"];

const event = (random: Random): PlainEvent => ({
  event_id: `${random.u32()}-${random.u32()}`,
  event_type: "view",
  properties: {
    // Few of the first, many of the last: Zipf.
    product: [undefined, null, `p${Math.floor(50 ** unit(random))}`][Math.min(2, below(random, 9))],
    country: ["DE", "US", null][below(random, 3)],
  },
});

const reducer = topK(text(PRODUCT), { sample: 32 }).inside?.(DIMS);
assert.ok(reducer);
reducerLaws({ test }, reducer, {
  items(random) {
    for (;;) {
      const item = reducer.items(columnsOf([event(random)]))(0);
      if (item !== undefined) return item;
    }
  },
  events: event,
  guard: forbidAmbient,
  trials: 10,
  dims: [PRODUCT],
  bounds: { sizes: [0, 10, 300], trials: 30 },
  growth: { items: 5000, limitBytes: 4096 },
});

test("the interval of each value holds as often as it says, and the largest is found", () => {
  const wide = topK(text(PRODUCT), { sample: 256, k: 20 }).inside?.([PRODUCT]);
  assert.ok(wide?.exact.presentBy && wide.approx.presentBy);
  let [misses, shown, found] = [0, 0, 0];
  const trials = 60;
  for (let seed = 1; seed <= trials; seed++) {
    const random = seededRandom(seed);
    const columns = columnsOf(Array.from({ length: 3000 }, () => event(random)));
    const item = wide.items(columns);
    const items = Array.from({ length: columns.count }, (_, row) => item(row) ?? null);
    const context = { window: windowOf(0, 1), events: items.length };
    const state = foldTree(wide.exact, items);
    const truth = wide.exact.presentBy(state, context, [PRODUCT]);
    const estimates = wide.approx.presentBy(wide.toApprox(state), context, [PRODUCT]);
    for (const [group, { low, high }] of estimates) {
      const is = truth.get(group)?.value?.units ?? -1n;
      shown++;
      if (!low || !high || is < low.units || is > high.units) misses++;
    }
    const unseen = wide.approx.presentUnseen?.(wide.toApprox(state), context, [PRODUCT]);
    for (const [group, { value }] of truth) {
      if (estimates.has(group)) continue;
      shown++;
      if ((value?.units ?? 0n) > (unseen?.high?.units ?? 0n)) misses++;
    }
    const largest = [...truth].sort(
      (a, b) => Number(b[1].value?.units) - Number(a[1].value?.units),
    );
    if (estimates.has(largest[0]?.[0] ?? "")) found++;
  }
  assert.ok(misses <= missesAllowed(shown, 0.99), `${misses} of ${shown}`);
  assert.equal(found, trials);
});

test("exactly, every value is counted, also over fewer dimensions; events without one are not", () => {
  const { exact, items } = reducer;
  const columns = columnsOf(
    [
      ["a", "DE"],
      ["a", "US"],
      ["b", "DE"],
      [null, "DE"],
      [["a"], "DE"],
    ].map(([product, country], i) => ({ event_id: `e${i}`, properties: { product, country } })),
  );
  const item = items(columns);
  const state = [0, 1, 2, 3, 4].reduce((s, row) => exact.append(s, item(row) ?? null), exact.zero);
  const context = { window: windowOf(0, 1), events: 5 };
  const counts = (by: readonly string[]) =>
    Object.fromEntries(
      [...(exact.presentBy?.(state, context, by) ?? [])].map(([g, e]) => [
        g,
        Number(e.value?.units),
      ]),
    );
  assert.deepEqual(counts([PRODUCT]), { '["a"]': 2, '["b"]': 1 });
  assert.deepEqual(counts(["properties.country"]), { '["DE"]': 2, '["US"]': 1 });
  assert.equal(exact.present(state, context).value?.units, 3n);
});

test("what is no list of texts is refused when it is declared", () => {
  assert.throws(() => topK(decimal(PRODUCT, { scale: 2 })), RangeError);
  assert.throws(() => topK(text(PRODUCT), { k: 0 }), RangeError);
  assert.throws(() => topK(text(PRODUCT), { sample: 8 }), RangeError);
});
