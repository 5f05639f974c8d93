import assert from "node:assert/strict";
import { test } from "node:test";
import { formatDecimal } from "../../src/algebra/decimal.ts";
import { TandemError } from "../../src/errors.ts";
import { decimal, eventType, flag } from "../../src/metrics/selector.ts";
import { mean } from "../../src/reducers/mean.ts";
import { reducerLaws } from "../../src/testing/reducer-laws.ts";
import { forbidAmbient } from "../testing/forbid-ambient.ts";
import { purchase, units } from "./purchases.ts";

const price = decimal("properties.price", { scale: 3 });
const window = { from: 0, until: 1 } as never;

/** n / d to two digits below the scale, half to even, by long division. */
function halfEven(n: bigint, d: bigint): bigint {
  const floor = (n - (((n % d) + d) % d)) / d;
  const twice = 2n * (n - floor * d);
  if (twice !== d) return twice < d ? floor : floor + 1n;
  return floor % 2n === 0n ? floor : floor + 1n;
}

reducerLaws({ test }, mean(price, { digits: 5 }), {
  items: units,
  events: purchase(),
  guard: forbidAmbient,
  truth: (items) => {
    if (items.length === 0) return null;
    const total = items.reduce((a, b) => a + b, 0n);
    return { units: halfEven(total * 100n, BigInt(items.length)), scale: 5 };
  },
});
reducerLaws({ test }, mean(flag(eventType("purchase")), { digits: 4 }), {
  items: (random) => BigInt(random.u32() & 1),
  events: purchase(),
  guard: forbidAmbient,
});

test("a sum of no values is refused", () => {
  const { exact } = mean(price, { digits: 0 });
  const isCorrupt = (e: unknown) => e instanceof TandemError && e.code === "corrupt_bytes";
  assert.throws(() => exact.decode(Uint8Array.of(1, 2, 0)), isCorrupt);
  assert.deepEqual(exact.decode(Uint8Array.of(1, 2, 1)), { units: 1n, count: 1 });
});

test("mean rounds half to even, once", () => {
  const { exact } = mean(decimal("properties.price", { scale: 0 }), { digits: 0 });
  const show = (units: bigint, count: number) => {
    const value = exact.present({ units, count }, { window, events: count }).value;
    return value === null ? null : formatDecimal(value);
  };
  assert.deepEqual(
    [show(1n, 2), show(3n, 2), show(-1n, 2), show(-3n, 2), show(0n, 0)],
    ["0", "2", "0", "-2", null],
  );
});
