// CRC-32C against the vectors of RFC 3720 (B.4) and a bit-by-bit twin.
import assert from "node:assert/strict";
import { test } from "node:test";
import { below, seededRandom } from "@tandem/shared-logic";
import { crc32c } from "../../../src/embedded/log/crc32c.ts";

test("known vectors", () => {
  const text = new TextEncoder().encode("123456789");
  assert.equal(crc32c(text), 0xe3069283);
  assert.equal(crc32c(new Uint8Array(0)), 0);
  assert.equal(crc32c(new Uint8Array(32)), 0x8a9136aa);
  assert.equal(crc32c(new Uint8Array(32).fill(255)), 0x62a8ab43);
  assert.equal(crc32c(Uint8Array.from({ length: 32 }, (_, i) => i)), 0x46dd794e);
  assert.equal(crc32c(Uint8Array.from({ length: 32 }, (_, i) => 31 - i)), 0x113fdb5c);
});

function bitByBit(bytes: Uint8Array): number {
  let c = ~0;
  for (const b of bytes) {
    c ^= b;
    for (let k = 0; k < 8; k++) c = c & 1 ? (c >>> 1) ^ 0x82f63b78 : c >>> 1;
  }
  return ~c >>> 0;
}

test("any range, in any pieces, equals bit by bit (seed 3)", () => {
  const random = seededRandom(3);
  for (let trial = 0; trial < 500; trial++) {
    const bytes = Uint8Array.from({ length: below(random, 100) }, () => random.u32());
    const from = below(random, bytes.length + 1);
    const until = from + below(random, bytes.length - from + 1);
    const cut = from + below(random, until - from + 1);
    const expected = bitByBit(bytes.subarray(from, until));
    assert.equal(crc32c(bytes, from, until), expected);
    assert.equal(crc32c(bytes, cut, until, crc32c(bytes, from, cut)), expected);
  }
});
