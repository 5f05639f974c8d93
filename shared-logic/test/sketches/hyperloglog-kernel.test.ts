// The kernel against the algebra where the reducer's laws do not go: many slots, sets that grow through
// all block sizes into registers, and memory that is used again.
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { BLOCK_CELLS, BlockCells } from "../../src/algebra/block-cells.ts";
import { TandemError } from "../../src/errors.ts";
import { BlockWriter } from "../../src/fold/block.ts";
import { below, seededRandom } from "../../src/ports/random.ts";
import { addHash, emptyHyperLogLog, fromHashes } from "../../src/sketches/hyperloglog.ts";
import { encodeHyperLogLog } from "../../src/sketches/hyperloglog-codec.ts";
import { EntryArena } from "../../src/sketches/kernels/entry-arena.ts";
import { FastHyperLogLogs } from "../../src/sketches/kernels/fast-hyperloglogs.ts";
import { hyperLogLogKernel } from "../../src/sketches/kernels/hyperloglog-kernel.ts";
import { PlainHyperLogLogs } from "../../src/sketches/kernels/plain-hyperloglogs.ts";
import { columnsOf } from "../../src/testing/columns-of.ts";
import { hashesOf } from "./hash-stream.ts";

const seed = Number(process.env["SEED"] ?? 11);
const twinCases = fc.record({
  precision: fc.constantFrom(4, 5, 8, 12, 16),
  seed: fc.nat(),
  slots: fc.integer({ min: 1, max: 80 }),
  rows: fc.constantFrom(1, 30, 700, 5000),
  users: fc.constantFrom(3, 100, 100_000),
});

for (const kernels of ["fast", "js"] as const) {
  test(`thousands of slots of uneven size encode as the algebra does (${kernels})`, () => {
    const [slots, precision] = [2000, 8];
    for (const seed of [1, 2]) {
      const random = seededRandom(seed);
      const kernel = hyperLogLogKernel("user", precision, kernels);
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
        assert.deepEqual(
          kernel.encode(slot),
          encodeHyperLogLog(sketch),
          `seed ${seed} slot ${slot}`,
        );
      });
    }
  });
}

test("both twins write the same blocks, and read each other's states, at any precision", () => {
  fc.assert(
    fc.property(twinCases, ({ precision, seed: s, slots, rows, users }) => {
      const random = seededRandom(s);
      const twins = (["fast", "js"] as const).map((k) => hyperLogLogKernel("user", precision, k));
      const cells = new BlockCells();
      cells.count = Math.min(slots, BLOCK_CELLS);
      for (let round = 0; round < 3; round++) {
        const columns = columnsOf(
          Array.from({ length: rows }, () =>
            below(random, 10) === 0 ? {} : { user_id: `${below(random, users)}` },
          ),
        );
        const into = Int32Array.from({ length: rows }, () =>
          below(random, 3) === 0 ? 0 : below(random, slots),
        );
        const all = Uint32Array.from({ length: rows }, (_, row) => row);
        for (const twin of twins) {
          twin.grow(slots);
          twin.fold(columns, all, into, rows, new Float64Array(slots));
        }
        const first = below(random, slots - cells.count + 1);
        for (let i = 0; i < cells.count; i++) {
          cells.numbers[i] = i;
          cells.slots[i] = first + i;
          cells.events[i] = below(random, 2) === 0 ? i : Number.MAX_SAFE_INTEGER - i;
          cells.skipped[i] = below(random, 300);
        }
        const [fast, js] = twins.map((twin) => new BlockWriter().block(cells, twin));
        assert.deepEqual(fast, js);
        const [from, to] = round === 0 ? [twins[0]!, twins[1]!] : [twins[1]!, twins[0]!];
        const slot = below(random, slots);
        const [other, cleared] = [below(random, slots), below(random, slots)];
        to.load(other, from.encode(slot));
        from.load(other, to.encode(other));
        for (const twin of twins) twin.clear(cleared);
      }
      for (let slot = 0; slot < slots; slot++)
        assert.deepEqual(twins[0]!.encode(slot), twins[1]!.encode(slot));
    }),
    { seed, numRuns: 150 },
  );
});

test("of one index the highest rank stays, in any order", () => {
  const arena = new EntryArena();
  arena.grow(1);
  for (const rank of [3, 9, 5]) assert.equal(arena.add(0, (77 << 6) | rank), 1);
  assert.deepEqual([...arena.entries(0)], [(77 << 6) | 9]);
});

test("hashes of one index keep the highest rank in both twins, in any order", () => {
  const low = [1 << 4, 1 << 1, 1 << 5, 1 << 1];
  for (const cells of [FastHyperLogLogs.create(12), new PlainHyperLogLogs(12)]) {
    assert.ok(cells);
    cells.grow(1);
    for (const bits of low) cells.add(0, (77 << 6) | bits, 0);
    cells.settle();
    const hashes = low.map((bits) => Uint32Array.of((77 << 6) | bits, 0));
    assert.deepEqual(cells.encode(0), encodeHyperLogLog(fromHashes(hashes, 12)));
  }
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
