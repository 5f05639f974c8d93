import assert from "node:assert/strict";
import { test } from "node:test";
import { below, seededRandom } from "../../../src/ports/random.ts";
import { ExactSums } from "../../../src/reducers/kernels/exact-sums.ts";

test("sums equal bigint sums far beyond 2^53, in both directions and back", () => {
  for (let seed = 0; seed < 50; seed++) {
    const random = seededRandom(seed);
    const sums = new ExactSums();
    sums.grow(100);
    const plain = new Array<bigint>(100).fill(0n);
    for (let i = 0; i < 3000; i++) {
      const slot = below(random, 3) * 49;
      const sign = below(random, 1000) < 500 + seed * 10 ? 1 : -1;
      const units = sign * (below(random, 2) ? 2 ** 53 - below(random, 3) : below(random, 1000));
      sums.add(slot, units);
      plain[slot]! += BigInt(units);
      if (below(random, 50) === 0) {
        sums.addBig(slot, 10n ** 25n);
        plain[slot]! += 10n ** 25n;
      }
      assert.equal(sums.get(slot), plain[slot], `seed ${seed}, step ${i}`);
    }
    sums.set(0, plain[49]!);
    assert.equal(sums.get(0), plain[49]);
    sums.clear(0);
    assert.equal(sums.get(0), 0n);
  }
});
