// CRC-32C against the vectors of RFC 3720 (B.4) and a bit-by-bit twin: the binary and what stands in for it.
import assert from "node:assert/strict";
import { test } from "node:test";
import { below, seededRandom } from "@tandem/shared-logic";
import { crc32c, plainCrc32c } from "../../../src/kafka/batch/crc32c.ts";

function bitByBit(bytes: Uint8Array): number {
  let c = ~0;
  for (const b of bytes) {
    c ^= b;
    for (let k = 0; k < 8; k++) c = c & 1 ? (c >>> 1) ^ 0x82f63b78 : c >>> 1;
  }
  return ~c >>> 0;
}

for (const [name, of] of [
  ["chosen for this platform", crc32c],
  ["in plain JavaScript", plainCrc32c()],
] as const) {
  test(`known vectors, ${name}`, () => {
    assert.equal(of(new TextEncoder().encode("123456789")), 0xe3069283);
    assert.equal(of(new Uint8Array(0)), 0);
    assert.equal(of(new Uint8Array(32)), 0x8a9136aa);
    assert.equal(of(new Uint8Array(32).fill(255)), 0x62a8ab43);
    assert.equal(of(Uint8Array.from({ length: 32 }, (_, i) => i)), 0x46dd794e);
    assert.equal(of(Uint8Array.from({ length: 32 }, (_, i) => 31 - i)), 0x113fdb5c);
  });

  test(`any range equals bit by bit, ${name} (seed 3)`, () => {
    const random = seededRandom(3);
    const bytes = Uint8Array.from({ length: 20_000 }, () => random.u32());
    for (let trial = 0; trial < 500; trial++) {
      const from = below(random, 100);
      const range = bytes.subarray(from, from + below(random, trial < 490 ? 200 : 19_900));
      assert.equal(of(range), bitByBit(range), `trial ${trial}`);
    }
  });
}
