// A cursor reads the cells that decodeBlock reads, in windows of any order, and nothing that is not a block.
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { BlockCursor, decodeBlock, encodeBlock } from "../../src/fold/block.ts";

const seed = Number(process.env["SEED"] ?? 7);
const number = fc.oneof(fc.nat(3), fc.nat(127), fc.nat(200), fc.maxSafeNat());
const cells = fc.uniqueArray(
  fc.record(
    {
      cell: fc.nat(59),
      events: number,
      skipped: number,
      state: fc.uint8Array({ maxLength: 300 }),
    },
    { noNullPrototype: true },
  ),
  { selector: ({ cell }) => cell, maxLength: 60 },
);
const sorted = cells.map((some) => some.sort((a, b) => a.cell - b.cell));

function* restOf(cursor: BlockCursor, until: number): Generator<unknown> {
  while (cursor.next()) {
    const { cell, events, skipped, block, from, until: end } = cursor;
    if (cell >= until) return cursor.keep();
    yield { cell, events, skipped, state: block.slice(from, end) };
  }
}

test(`a cursor gives what decodeBlock gives, a window at a time (seed ${seed})`, () => {
  const windows = fc.array(fc.tuple(fc.nat(60), fc.nat(20)), { minLength: 1, maxLength: 8 });
  fc.assert(
    fc.property(sorted, windows, (given, asked) => {
      const block = encodeBlock(given);
      const all = decodeBlock(block).map(({ cell, events, skipped, state }) => ({
        cell,
        events,
        skipped,
        state: state.slice(),
      }));
      assert.deepEqual(all, given);
      const cursor = new BlockCursor(block);
      for (const [from, length] of asked) {
        if (cursor.passed >= from) cursor.rewind();
        const seen = [...restOf(cursor, from + length)] as { cell: number }[];
        const inside = seen.filter(({ cell }) => cell >= from);
        const wanted = all.filter(({ cell }) => cell >= from && cell < from + length);
        assert.deepEqual(inside, wanted);
      }
    }),
    { seed, numRuns: 500 },
  );
});

test(`a block cut short, or with a byte too many, is corrupt (seed ${seed})`, () => {
  const corrupt = (bytes: Uint8Array) =>
    assert.throws(() => [...restOf(new BlockCursor(bytes), 60)], { code: "corrupt_bytes" });
  fc.assert(
    fc.property(sorted, fc.nat(), (given, at) => {
      const block = encodeBlock(given);
      corrupt(block.subarray(0, at % block.length));
      corrupt(Buffer.concat([block, Buffer.of(0)]));
      corrupt(Buffer.concat([Buffer.of(9), block.subarray(1)]));
    }),
    { seed, numRuns: 500 },
  );
});
