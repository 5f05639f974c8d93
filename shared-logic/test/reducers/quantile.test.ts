// Quantiles: the laws, the rank against sorting, and the stated relative error, also far beyond 2^53.
import assert from "node:assert/strict";
import { test } from "node:test";
import { decimal, user } from "../../src/metrics/selector.ts";
import { seededRandom } from "../../src/ports/random.ts";
import { quantile } from "../../src/reducers/quantile.ts";
import { bitsFor, bucketBounds, bucketOf, bucketOfBig } from "../../src/sketches/log-buckets.ts";
import { appendAll } from "../../src/testing/laws/fold-items.ts";
import { reducerLaws } from "../../src/testing/reducer-laws.ts";
import { forbidAmbient } from "../testing/forbid-ambient.ts";
import { purchase, units } from "./purchases.ts";
import { windowOf } from "./windows.ts";

const price = decimal("properties.price", { scale: 3 });

/** By sorting; the rank in whole numbers. */
const oracle = (percent: number) => (items: readonly bigint[]) => {
  const sorted = [...items].sort((a, b) => (a < b ? -1 : 1));
  const value = sorted[Math.max(1, Math.ceil((percent * items.length) / 100)) - 1];
  return value === undefined ? null : { units: value, scale: 3 };
};

for (const percent of [7, 50, 95, 100]) {
  reducerLaws(
    { test: (name, fn) => test(`p${percent} ${name}`, fn) },
    quantile(price, { q: percent / 100 }),
    { items: units, events: purchase(), guard: forbidAmbient, truth: oracle(percent) },
  );
}

test("every number lies in its bucket, and the bucket's middle within the relative error", () => {
  const random = seededRandom(11);
  for (const relativeError of [0.25, 0.01, 0.001, 0.0001]) {
    const bits = bitsFor(relativeError);
    assert.ok(2 ** -(bits + 1) <= relativeError);
    for (let n = 0; n < 2000; n++) {
      const value = n < 500 ? BigInt(n - 250) : units(random) * (n % 7 === 0 ? 2n ** 70n + 1n : 1n);
      const bucket = bucketOfBig(value, bits);
      if (Number.isSafeInteger(Number(value)))
        assert.equal(BigInt(bucketOf(Number(value), bits)), bucket);
      const { low, high } = bucketBounds(bucket, bits);
      assert.ok(low <= value && value <= high, `${value} in [${low}, ${high}]`);
      const off = Number((low + high) / 2n - value) / Math.abs(Number(value) || 1);
      assert.ok(Math.abs(off) <= relativeError * (1 + 1e-9), `${value}: ${off}`);
    }
  }
});

test("buckets ascend with their numbers", () => {
  let last = bucketOf(-5000, 6);
  for (let n = -4999; n <= 5000; n++) {
    const bucket = bucketOf(n, 6);
    assert.ok(bucket >= last, `${n}`);
    last = bucket;
  }
});

test("the interval is the bucket, of small numbers the number itself", () => {
  const { approx } = quantile(price, { q: 0.5 });
  const context = { window: windowOf(0, 1), events: 3 };
  const shown = approx.present(appendAll(approx, [3n, 40n, 1_000_000n]), context);
  assert.deepEqual([shown.low?.units, shown.value?.units, shown.high?.units], [40n, 40n, 40n]);
});

test("what is no quantile is refused when it is declared", () => {
  assert.throws(() => quantile(price, { q: 0 }), RangeError);
  assert.throws(() => quantile(price, { q: 1.01 }), RangeError);
  assert.throws(() => quantile(price, { q: 0.5, relativeError: 0 }), RangeError);
  assert.throws(() => quantile(user(), { q: 0.5 }), RangeError);
});
