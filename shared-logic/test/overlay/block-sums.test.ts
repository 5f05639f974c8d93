// A block's sum is that of its cells, also where it was met before, and where another block has its hash.
import assert from "node:assert/strict";
import { test } from "node:test";
import { encodeBlock } from "../../src/fold/block.ts";
import { murmur2 } from "../../src/hash/murmur2.ts";
import { blockSummer } from "../../src/overlay/block-sums.ts";
import { below, seededRandom } from "../../src/ports/random.ts";
import { count } from "../../src/reducers/count.ts";

const { approx } = count();
const BLOCKS = 20_000;
const NOTHING = { state: { count: 0 }, events: 0, skipped: 0 };
const SEED = Number(process.env["SEED"] ?? 2);

interface Made {
  readonly block: Uint8Array;
  readonly sum: { readonly state: unknown; readonly events: number; readonly skipped: number };
}

function anyBlock(random: ReturnType<typeof seededRandom>, cells: number): Made {
  const list = [];
  const sum = { state: { count: 0 }, events: 0, skipped: 0 };
  for (let cell = 0; cell < cells; cell++) {
    const [n, skipped] = [below(random, 250), below(random, 3)];
    const state = approx.encode({ count: n } as typeof approx.zero);
    list.push({ cell, events: n + skipped, skipped, state });
    sum.state.count += n;
    sum.events += n + skipped;
    sum.skipped += skipped;
  }
  return { block: encodeBlock(list), sum };
}

test(`sums of blocks, more than are remembered and met again (seed ${SEED})`, () => {
  const random = seededRandom(SEED);
  const sumOf = blockSummer(approx);
  assert.equal(blockSummer(approx), sumOf);
  assert.equal(sumOf(encodeBlock([])), undefined);
  const made = Array.from({ length: BLOCKS }, () => anyBlock(random, below(random, 40)));
  for (let round = 0; round < 2; round++) {
    for (const { block, sum } of made) {
      // A store uses its buffer again.
      const page = block.slice();
      assert.deepEqual(sumOf(page) ?? NOTHING, sum);
      page.fill(0);
      assert.deepEqual(sumOf(block) ?? NOTHING, sum);
    }
  }
});

test("blocks of one hash are told apart", (t) => {
  const random = seededRandom(SEED);
  const met = new Map<number, Made>();
  const pairs: [Made, Made][] = [];
  for (let i = 0; i < 200_000; i++) {
    const made = anyBlock(random, 3);
    const hash = murmur2(made.block);
    const other = met.get(hash);
    if (other && Buffer.compare(other.block, made.block) !== 0) pairs.push([other, made]);
    met.set(hash, made);
  }
  t.diagnostic(`${pairs.length} pairs, seed ${SEED}`);
  assert.ok(pairs.length > 0);
  const sumOf = blockSummer(approx);
  for (const pair of [...pairs, ...pairs])
    for (const { block, sum } of pair) assert.deepEqual(sumOf(block), sum);
});

test("a damaged block is said, each time", () => {
  const sumOf = blockSummer(approx);
  const { block } = anyBlock(seededRandom(SEED), 3);
  for (let round = 0; round < 2; round++)
    assert.throws(() => sumOf(block.subarray(0, -1)), { code: "corrupt_bytes" });
});
