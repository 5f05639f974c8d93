// Texts that are not those of their codes are found, wherever the one byte stands in which they differ, and no others.
import assert from "node:assert/strict";
import { test } from "node:test";
import { unlikeTexts } from "../../../src/events/kernels/unlike-texts.ts";
import { TextStore } from "../../../src/events/text-store.ts";
import { below, seededRandom } from "../../../src/ports/random.ts";
import { packedTexts } from "../packed-texts.ts";

const PREFIX = 0x75;

for (const prefix of [0, PREFIX]) {
  test(`one byte is enough, with a prefix of ${prefix}`, () => {
    for (let seed = 0; seed < 30; seed++) {
      const random = seededRandom(seed);
      const store = new TextStore();
      const texts: Uint8Array[] = [];
      const expected: number[] = [];
      for (let row = 0; row < 700; row++) {
        const text = Uint8Array.from({ length: below(random, 23) }, () => below(random, 256));
        const kept = Uint8Array.from(text);
        let first = prefix;
        if (below(random, 2) === 0 && text.length > 0) kept[below(random, text.length)]! ^= 1;
        if (below(random, 9) === 0 && prefix !== 0) first ^= 1;
        store.add(kept, 0, kept.length, first);
        texts.push(text);
        if (first !== prefix || Buffer.compare(kept, text) !== 0) expected.push(row);
      }
      // Some rows are not asked for: what is known of them anyway.
      const rows = Int32Array.from(texts.keys()).filter((row) => row % 5 !== seed % 5);
      const codes = Int32Array.from(texts.keys());
      const all = packedTexts(texts, below(random, 9));
      const count = unlikeTexts(store, codes, rows, rows.length, all, prefix);
      const asked = expected.filter((row) => row % 5 !== seed % 5);
      assert.deepEqual([...rows.subarray(0, count)], asked, `seed ${seed}`);
    }
  });
}
