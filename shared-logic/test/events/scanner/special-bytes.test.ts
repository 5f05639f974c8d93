// The SIMD marker equals its plain twin, and both the definition, byte by byte.
import assert from "node:assert/strict";
import { test } from "node:test";
import { EventKernel } from "../../../src/events/kernels/event-kernel.ts";
import { nextMarked, plainMarker } from "../../../src/events/scanner/special-bytes.ts";
import { below, seededRandom } from "../../../src/ports/random.ts";

const isSpecial = (byte: number): boolean =>
  byte < 0x20 || byte > 0x7f || byte === 0x22 || byte === 0x5c;

const simd = EventKernel.create(1);
assert.ok(simd, "Node has SIMD");

for (const [name, marker] of [
  ["simd", simd],
  ["plain", plainMarker()],
] as const) {
  test(`${name}: every byte of every buffer is marked as it should be`, () => {
    const random = seededRandom(5);
    for (let n = 0; n < 3000; n++) {
      const bytes = Uint8Array.from({ length: below(random, 200) }, () =>
        below(random, 8) === 0 ? below(random, 256) : 0x61,
      );
      const from = below(random, bytes.length + 1);
      const words = marker.mark(bytes, from, bytes.length);
      const until = bytes.length - from;
      for (let i = 0; i < until; i++) {
        const marked = ((words[i >>> 5]! >>> (i & 31)) & 1) === 1;
        assert.equal(marked, isSpecial(bytes[from + i]!), `case ${n}, byte ${from + i}`);
        let next = i;
        while (next < until && !isSpecial(bytes[from + next]!)) next++;
        assert.equal(Math.min(nextMarked(words, i, until), until), next);
      }
    }
  });
}

test("buffers may grow from one call to the next", () => {
  const marker = EventKernel.create(1);
  assert.ok(marker);
  for (const sizeBytes of [1, 100_000, 5_000_000, 10]) {
    const bytes = new Uint8Array(sizeBytes).fill(0x61);
    bytes[sizeBytes - 1] = 0x22;
    const words = marker.mark(bytes, 0, sizeBytes);
    assert.equal(nextMarked(words, 0, sizeBytes), sizeBytes - 1);
  }
});
