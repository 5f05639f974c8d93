// Receipts: the text is the plain definition's, byte for byte, and what was encoded is decoded.
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { decodeReceipt, encodeReceipt } from "../../src/codec/receipt.ts";
import { murmur3Text } from "../../src/hash/murmur3.ts";

/** As receipt.ts says it. */
function plainly(receipt: ReadonlyMap<number, number>): string {
  const parts = [...receipt].sort(([a], [b]) => a - b);
  const body = `r1${parts.map(([p, to]) => `.${p.toString(36)}-${to.toString(36)}`).join("")}`;
  return `${body}.${murmur3Text(body)[0]!.toString(36)}`;
}

const numbers = fc.oneof(
  fc.nat(100),
  fc.maxSafeNat(),
  fc.nat(10).map((digits) => 36 ** digits),
  fc.integer({ min: 1, max: 10 }).map((digits) => 36 ** digits - 1),
);

test("a receipt of any partitions and offsets is what its definition says, and is read again", () => {
  fc.assert(
    fc.property(fc.uniqueArray(fc.tuple(numbers, numbers), { selector: ([p]) => p }), (parts) => {
      const receipt = new Map(parts);
      const text = encodeReceipt(receipt);
      assert.equal(text, plainly(receipt));
      if (parts.length > 0) assert.deepEqual(decodeReceipt(text), receipt);
    }),
    { numRuns: 2000 },
  );
});

test("a receipt of many partitions follows one of few", () => {
  for (const count of [1, 16, 17, 400]) {
    const receipt = new Map(Array.from({ length: count }, (_, i) => [count - i, 7 ** (i % 18)]));
    assert.equal(encodeReceipt(receipt), plainly(receipt));
  }
});
