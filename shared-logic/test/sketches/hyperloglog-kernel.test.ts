// The kernel against the algebra where the reducer's laws do not go: many slots, sets that grow through
// all block sizes into registers, and memory that is used again.
import assert from "node:assert/strict";
import { test } from "node:test";
import { TandemError } from "../../src/errors.ts";
import { below, seededRandom } from "../../src/ports/random.ts";
import { addHash, emptyHyperLogLog, fromHashes } from "../../src/sketches/hyperloglog.ts";
import { encodeHyperLogLog } from "../../src/sketches/hyperloglog-codec.ts";
import { EntryArena } from "../../src/sketches/kernels/entry-arena.ts";
import { hyperLogLogKernel } from "../../src/sketches/kernels/hyperloglog-kernel.ts";
import { columnsOf } from "../../src/testing/columns-of.ts";
import { hashesOf } from "./hash-stream.ts";

test("thousands of slots of uneven size encode as the algebra does", () => {
  const [slots, precision] = [2000, 8];
  for (const seed of [1, 2]) {
    const random = seededRandom(seed);
    const kernel = hyperLogLogKernel("user", precision);
    const plain = Array.from({ length: slots }, () => emptyHyperLogLog(precision));
    for (let batch = 0; batch < 8; batch++) {
      // Later slots are made later, as cells are.
      const there = Math.min(slots, 1 + (batch + 1) * 300);
      kernel.grow(there);
      const n = 3000;
      const columns = columnsOf(
        Array.from({ length: n }, () => ({ user_id: `${below(random, 5000)}` })),
      );
      const hashes = columns.field("user").hashes();
      const rows = Uint32Array.from({ length: n }, (_, row) => row);
      // A few slots get most rows.
      const into = Int32Array.from(
        { length: n },
        () => below(random, 1 + below(random, there)) % there,
      );
      for (let i = 0; i < n; i++) if (i % 4 === 0) into[i] = below(random, 3);
      kernel.fold(columns, rows, into, n, new Float64Array(slots));
      for (let i = 0; i < n; i++) {
        const slot = into[i]!;
        plain[slot] = addHash(plain[slot]!, hashes[2 * i]!, hashes[2 * i + 1]!);
      }
      for (let i = 0; i < 100; i++) {
        const slot = below(random, there);
        kernel.clear(slot);
        plain[slot] = emptyHyperLogLog(precision);
      }
    }
    kernel.grow(slots);
    assert.ok(plain.some((s) => s.form === "dense") && plain.some((s) => s.form === "sparse"));
    plain.forEach((sketch, slot) => {
      assert.deepEqual(kernel.encode(slot), encodeHyperLogLog(sketch), `seed ${seed} slot ${slot}`);
    });
  }
});

test("of one index the highest rank stays, in any order", () => {
  const arena = new EntryArena();
  arena.grow(1);
  for (const rank of [3, 9, 5]) assert.equal(arena.add(0, (77 << 6) | rank), 1);
  assert.deepEqual([...arena.entries(0)], [(77 << 6) | 9]);
});

test("cleared sets give their blocks back: the arena does not grow with use", () => {
  const arena = new EntryArena();
  const random = seededRandom(1);
  arena.grow(10);
  let after = 0;
  for (let round = 0; round < 200; round++) {
    for (let slot = 0; slot < 10; slot++) {
      for (let i = 0; i < 100; i++) arena.add(slot, (random.u32() & ~63) | 1);
    }
    for (let slot = 0; slot < 10; slot++) arena.clear(slot);
    if (round === 0) after = arena.sizeBytes;
  }
  assert.equal(arena.sizeBytes, after);
});

test("a loaded state of another precision is refused", () => {
  const kernel = hyperLogLogKernel("user", 12);
  kernel.grow(1);
  const other = encodeHyperLogLog(fromHashes(hashesOf(3, seededRandom(1)), 11));
  assert.throws(
    () => kernel.load(0, other),
    (error: unknown) => error instanceof TandemError && error.code === "sketch_mismatch",
  );
});
