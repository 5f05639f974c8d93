import assert from "node:assert/strict";
import { test } from "node:test";
import { Interner } from "../../src/events/interner.ts";
import { murmur3Text } from "../../src/hash/murmur3.ts";
import { below, seededRandom } from "../../src/ports/random.ts";

test("equal texts have equal codes, others have others, before and after a reset", (t) => {
  const seed = 23;
  t.diagnostic(`seed ${seed}`);
  const random = seededRandom(seed);
  const interner = new Interner();
  for (let generation = 0; generation < 3; generation++) {
    assert.equal(interner.generation, generation);
    const codes = new Map<string, number>();
    let sizeBytes = 0;
    for (let n = 0; n < 6000; n++) {
      const text = below(random, 2) ? `ü${below(random, 3000)}` : "ab".repeat(below(random, 9));
      const code = interner.internText(text);
      if (!codes.has(text)) {
        assert.equal(code, codes.size, "codes are given out in order");
        sizeBytes += Buffer.byteLength(text);
      }
      assert.equal(code, codes.get(text) ?? code);
      codes.set(text, code);
    }
    assert.equal(interner.size, codes.size);
    assert.equal(interner.sizeBytes, sizeBytes);
    for (const [text, code] of codes) {
      assert.equal(interner.text(code), text);
      const lanes = interner.hashes.subarray(2 * code, 2 * code + 2);
      assert.deepEqual([...lanes], [...murmur3Text(text).subarray(0, 2)]);
    }
    interner.reset();
    assert.equal(interner.size, 0);
    assert.equal(interner.sizeBytes, 0);
  }
});
