import assert from "node:assert/strict";
import { test } from "node:test";
import { TandemError } from "../../src/errors.ts";
import { below, seededRandom } from "../../src/ports/random.ts";
import {
  addHash,
  emptyHyperLogLog,
  fromHashes,
  type HyperLogLog,
  sparseLimit,
  union,
} from "../../src/sketches/hyperloglog.ts";
import { decodeHyperLogLog, encodeHyperLogLog } from "../../src/sketches/hyperloglog-codec.ts";
import { shuffled } from "../../src/testing/laws/fold-items.ts";
import { hashesOf, oneByOne, registersByTheBook } from "./hash-stream.ts";

const hex = (s: HyperLogLog): string => Buffer.from(encodeHyperLogLog(s)).toString("hex");
const code = (expected: string) => (error: unknown) =>
  error instanceof TandemError && error.code === expected;

test("dense registers are those of inserting the hashes directly, at every precision", () => {
  for (let precision = 4; precision <= 16; precision++) {
    const n = sparseLimit(precision) + 1 + 2 ** Math.min(precision, 9);
    const hashes = hashesOf(n, seededRandom(precision));
    // Hashes whose first 1 stands late, or nowhere.
    hashes.push(Uint32Array.of(0, 0), Uint32Array.of(0, 1), Uint32Array.of(0xffff_0000, 0));
    hashes.push(Uint32Array.of(63, 0), Uint32Array.of(0x8000_0040, 0), Uint32Array.of(1, 7));
    const sketch = fromHashes(hashes, precision);
    assert.equal(sketch.form, "dense");
    if (sketch.form !== "dense") continue;
    assert.deepEqual(sketch.registers, registersByTheBook(hashes, precision), `p ${precision}`);
  }
});

test("a state is a function of the set of hashes: any order, any parts, repeats", () => {
  for (const precision of [4, 5, 10]) {
    const limit = sparseLimit(precision);
    for (let seed = 0; seed < 60; seed++) {
      const random = seededRandom(seed);
      // Around the step from sparse to dense; few first bits, so that indexes repeat.
      const hashes = hashesOf(Math.max(0, limit - 2 + below(random, 6)), random);
      if (seed % 3 === 0) for (const h of hashes) h[0]! &= 0xff00_003f;
      const all = hex(fromHashes(hashes, precision));
      const mixed = shuffled(random, [...hashes, ...hashes.slice(0, 3)]);
      const at = below(random, mixed.length + 1);
      const [a, b] = [
        oneByOne(mixed.slice(0, at), precision),
        oneByOne(mixed.slice(at), precision),
      ];
      assert.equal(hex(oneByOne(mixed, precision)), all, `seed ${seed}`);
      assert.equal(hex(union(a, b)), all, `seed ${seed}`);
      assert.equal(hex(union(b, a)), all, `seed ${seed}`);
      assert.equal(hex(decodeHyperLogLog(encodeHyperLogLog(union(a, b)))), all, `seed ${seed}`);
    }
  }
});

test("a sketch turns dense with its first index above a quarter of the registers", () => {
  for (const precision of [4, 8, 12]) {
    const limit = sparseLimit(precision);
    const full = fromHashes(
      Array.from({ length: limit }, (_, i) => Uint32Array.of((i * 64) >>> 0, 1)),
      precision,
    );
    assert.equal(full.form, "sparse");
    assert.equal(
      addHash(full, 0, 0xffff).form,
      "sparse",
      "an index that is there is no further one",
    );
    assert.equal(addHash(full, limit * 64, 1).form, "dense");
  }
});

test("sketches of different precision refuse to merge", () => {
  for (const n of [0, 3, 5000]) {
    const [a, b] = [10, 11].map((p) => fromHashes(hashesOf(n, seededRandom(n)), p));
    assert.throws(() => union(a!, b!), code("sketch_mismatch"));
  }
});

test("bytes that no set of hashes encodes to are refused", () => {
  const header = [1, 4, 0, 0];
  const entry = (index: number, rank: number) => {
    const e = ((index << 6) | rank) >>> 0;
    return [e & 255, (e >>> 8) & 255, (e >>> 16) & 255, e >>> 24];
  };
  const dense = (...registers: number[]) => [
    1,
    4,
    0,
    1,
    ...registers,
    ...new Array(16 - registers.length).fill(0),
  ];
  const refused: Record<string, number[]> = {
    "no bytes": [],
    "another format": [2, 4, 0, 0],
    "precision 3": [1, 3, 0, 0],
    "precision 17": [1, 17, 0, 0],
    "another seed": [1, 4, 1, 0],
    "another form": [1, 4, 0, 2],
    "half an entry": [...header, 1, 2],
    "rank 0": [...header, ...entry(1, 0)],
    "rank 40": [...header, ...entry(1, 40)],
    descending: [...header, ...entry(2, 1), ...entry(1, 1)],
    "an index twice": [...header, ...entry(1, 1), ...entry(1, 2)],
    "too many entries": [...header, ...[1, 2, 3, 4, 5].flatMap((i) => entry(i, 1))],
    "registers cut short": dense(1, 1).slice(0, -1),
    "a register too many": [...dense(1, 1), 0],
    "nothing in the registers": dense(),
    "a rank too high": dense(62),
  };
  for (const [what, bytes] of Object.entries(refused)) {
    assert.throws(() => decodeHyperLogLog(Uint8Array.from(bytes)), code("corrupt_bytes"), what);
  }
  decodeHyperLogLog(Uint8Array.from(dense(61)));
  decodeHyperLogLog(Uint8Array.from([...header, ...entry(0, 39)]));
});

test("a precision below 4 or above 16 is a bug", () => {
  for (const p of [3, 17, 4.5]) assert.throws(() => emptyHyperLogLog(p), RangeError);
});
