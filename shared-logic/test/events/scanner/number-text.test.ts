import assert from "node:assert/strict";
import { test } from "node:test";
import * as E from "../../../src/events/event-columns.ts";
import { parseUnits } from "../../../src/events/scanner/number-text.ts";
import { below, seededRandom } from "../../../src/ports/random.ts";
import { unitsOfNumber } from "../../../src/testing/field-column-of.ts";

function read(text: string, scale: number): [status: number, units: bigint] {
  const bytes = new TextEncoder().encode(`7${text}7`);
  const out = { units: 0, big: 0n };
  const status = parseUnits(bytes, 1, bytes.length - 1, scale, out);
  assert.ok(!Object.is(out.units, -0), text);
  return [status, status === E.DECIMAL_BIG ? out.big : BigInt(out.units)];
}

test("numbers by example", () => {
  const {
    DECIMAL_OK: OK,
    DECIMAL_BEYOND_SCALE: BEYOND,
    DECIMAL_NOT_A_NUMBER: NAN,
    DECIMAL_BIG: BIG,
  } = E;
  for (const [text, scale, status, units] of [
    ["1.500", 1, OK, 15n],
    ["1.55", 1, BEYOND, 0n],
    ["-0", 3, OK, 0n],
    ["-0.000e9", 0, OK, 0n],
    ["0e99999999999", 2, OK, 0n],
    ["35.79", 3, OK, 35790n],
    ["1e3", 0, OK, 1000n],
    ["-12.5e-1", 2, OK, -125n],
    ["9007199254740992", 0, OK, 9007199254740992n],
    ["9007199254740993", 0, BIG, 9007199254740993n],
    ["-9007199254740993", 0, BIG, -9007199254740993n],
    ["999999999999999", 18, BIG, 999999999999999n * 10n ** 18n],
    ["1e37", 0, BIG, 10n ** 37n],
    ["1e37", 1, NAN, 0n],
    ["1e400", 0, NAN, 0n],
    ["1e-400", 18, NAN, 0n],
    ["1e999999999999999999999", 0, NAN, 0n],
    ["1e-999999999999999999999", 0, NAN, 0n],
    ["1234567890123456789.0123456789012345678", 18, BEYOND, 0n],
    ["123456789012345678901.01234567890123456", 17, BIG, 12345678901234567890101234567890123456n],
    ["1e-20", 3, BEYOND, 0n],
  ] as const) {
    assert.deepEqual(read(text, scale), [status, units], `${text} at scale ${scale}`);
  }
});

test("every number equals its exact reading", (t) => {
  const seed = 99;
  t.diagnostic(`seed ${seed}`);
  const random = seededRandom(seed);
  const digits = (n: number): string =>
    Array.from({ length: n }, () => below(random, 3) && below(random, 10)).join("");
  for (let n = 0; n < 20_000; n++) {
    const whole = String(BigInt(digits(1 + below(random, 12))));
    const fraction = below(random, 2) ? `.${digits(1 + below(random, 10))}` : "";
    const exponent = below(random, 4) === 0 ? `e${below(random, 13) - 6}` : "";
    const text = `${below(random, 2) ? "-" : ""}${whole}${fraction}${exponent}`;
    const scale = below(random, 10);
    const exact = unitsOfNumber(text, scale);
    const [status, units] = read(text, scale);
    assert.equal(status === E.DECIMAL_BEYOND_SCALE, exact === undefined, text);
    if (exact !== undefined) assert.equal(units, exact, `${text} at scale ${scale}`);
  }
});
