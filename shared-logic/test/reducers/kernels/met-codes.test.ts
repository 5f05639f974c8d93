// What was met is what a Set says, in the order it came, whether bits or a table remember it: sets of all sizes by
// turns, in one call or several, of few codes and of many, in place.
import assert from "node:assert/strict";
import { test } from "node:test";
import { below, seededRandom } from "../../../src/ports/random.ts";
import { MetCodes } from "../../../src/reducers/kernels/met-codes.ts";

for (const maxCode of [7, 1000, (1 << 23) - 1, 1 << 23, 1 << 26, 2 ** 31 - 2]) {
  test(`codes up to ${maxCode} are met once in a set`, () => {
    const random = seededRandom(maxCode);
    const met = new MetCodes();
    for (let set = 0; set < 60; set++) {
      const count = below(random, [3, 60, 3000, 70_000][below(random, set % 20 === 0 ? 4 : 3)]!);
      const dense = Math.min(maxCode + 1, 1 + below(random, 2 * count + 1));
      const range = below(random, 3) === 0 ? maxCode + 1 : dense;
      const codes = Int32Array.from({ length: count }, () => maxCode - below(random, range));
      const expected = [...new Set(codes)];
      met.begin(count, maxCode);
      let [from, at] = [0, 0];
      while (from < count) {
        const until = Math.min(count, from + 1 + below(random, count));
        at = met.addNew(codes, from, until, codes, at);
        from = until;
      }
      met.forget(codes, 0, at);
      assert.deepEqual([...codes.subarray(0, at)], expected, `set ${set} of ${count}`);
    }
  });
}

test("more codes come than bits were made for", () => {
  const met = new MetCodes();
  for (const maxCode of [5, 100_000, 5]) {
    const out = new Int32Array(4);
    met.begin(4, maxCode);
    const end = met.addNew(Int32Array.of(5, maxCode, 5, 0), 0, 4, out, 0);
    assert.equal(end, maxCode === 5 ? 2 : 3);
    met.forget(out, 0, end);
  }
});
