// What is written down is each row's slot and code, where it has one, in the order of the rows, whatever their number is.
import assert from "node:assert/strict";
import { test } from "node:test";
import { below, seededRandom } from "../../../src/ports/random.ts";
import { writeDown } from "../../../src/reducers/kernels/write-down.ts";

test("slots and codes of the rows that have one, behind what is there", () => {
  const random = seededRandom(3);
  for (let n = 0; n < 40; n++) {
    const codes = Int32Array.from({ length: 50 }, () => below(random, 4) - 1);
    const rows = Uint32Array.from({ length: n }, (_, i) => i + below(random, 11));
    const slots = Int32Array.from({ length: n }, () => below(random, 5));
    const [toSlots, toCodes] = [new Int32Array(n + 2).fill(7), new Int32Array(n + 2).fill(8)];
    const end = writeDown(codes, rows, slots, n, toSlots, toCodes, 2);
    const pairs: string[] = ["7 8", "7 8"];
    for (let i = 0; i < n; i++) {
      const code = codes[rows[i]!]!;
      if (code >= 0) pairs.push(`${slots[i]} ${code}`);
    }
    const written = Array.from({ length: end }, (_, i) => `${toSlots[i]} ${toCodes[i]}`);
    assert.deepEqual(written, pairs);
  }
});
