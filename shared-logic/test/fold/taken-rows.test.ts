// The rows that a checkpoint asks for: of each block the last that was taken, in the order of the first.
import assert from "node:assert/strict";
import { test } from "node:test";
import { TakenRows } from "../../src/fold/taken-rows.ts";
import type { Fingerprint } from "../../src/metrics/fingerprint.ts";
import { below, seededRandom } from "../../src/ports/random.ts";
import type { SpeedRow } from "../../src/ports/view-store.ts";
import type { EpochMs } from "../../src/time/epoch-ms.ts";

const row = (block: number, to: number): SpeedRow => ({
  fp: "f" as Fingerprint,
  tenant: "t",
  set: 0,
  group: String(block),
  startMs: 0 as EpochMs,
  segment: 0,
  to,
  doubt: 0,
  events: 1,
  skipped: 0,
  state: new Uint8Array(0),
});

test("of each block the last row, in the order in which blocks came, as a map has them", () => {
  for (let seed = 0; seed < 200; seed++) {
    const random = seededRandom(seed);
    const taken = new TakenRows();
    const byBlock = new Map<number, SpeedRow>();
    let blocks = 0;
    for (let to = 0; to < 30; to++) {
      if (below(random, 5) === 0) {
        taken.clear();
        byBlock.clear();
      }
      blocks += below(random, 20);
      const dirty = [...Array(blocks).keys()].filter(() => below(random, 3) === 0).reverse();
      taken.makeRoom(dirty.length, blocks);
      for (const block of dirty) {
        const one = row(block, to);
        taken.take(block, one);
        byBlock.set(block, one);
      }
      const rows: SpeedRow[] = [];
      taken.each((one) => rows.push(one));
      assert.deepEqual(rows, [...byBlock.values()], `seed ${seed}, to ${to}`);
      assert.equal(taken.count, byBlock.size);
    }
  }
});
