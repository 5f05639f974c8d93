import assert from "node:assert/strict";
import { test } from "node:test";
import { below, DAY_MS, type Interner, seededRandom } from "@tandem/shared-logic";
import { columnsOf } from "@tandem/shared-logic/testing";
import { FirstCopies } from "../src/first-copies.ts";

const UUID = "00000000-0000-4000-8000-0000000000";

test("the first copy of each id, tenant and as-sent day is kept, whether batches share an interner or not", () => {
  for (let seed = 0; seed < 200; seed++) {
    const random = seededRandom(seed);
    const shared = new Map<string, Interner>();
    const first = new FirstCopies(seed % 2 === 0 ? 0 : 3000);
    const seen = new Set<string>();
    for (let batch = 0; batch < 5; batch++) {
      const tenant = `t${below(random, 2)}`;
      const events = Array.from({ length: below(random, 60) }, () => ({
        event_id: `${seed % 2 === 0 ? UUID : "id "}${below(random, 80) + 10}`,
        timestamp: below(random, 3) * DAY_MS + below(random, DAY_MS),
      }));
      const wanted: number[] = [];
      for (const [row, e] of events.entries()) {
        const key = `${tenant}|${Math.floor(e.timestamp / DAY_MS)}|${e.event_id}`;
        if (!seen.has(key)) wanted.push(row);
        seen.add(key);
      }
      const interners = below(random, 2) === 0 ? shared : new Map<string, Interner>();
      const columns = columnsOf(events, { tenant, interners });
      assert.deepEqual([...first.select(columns)], wanted, `seed ${seed}`);
    }
    // Whoever comes next has its memory, and knows none of its ids.
    if (seed % 3 > 0) first.release();
  }
});
