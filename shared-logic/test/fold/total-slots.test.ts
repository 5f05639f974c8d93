// A total whose rows go where their finer set's slots say is the total that the rows give: the same rows, byte for byte
// and in the same order, over batches, flushes, groups beyond the limit, resets and rows put back.
import assert from "node:assert/strict";
import { test } from "node:test";
import { Fold } from "../../src/fold/fold.ts";
import { metric } from "../../src/metrics/metric.ts";
import { user } from "../../src/metrics/selector.ts";
import { below, type Random, seededRandom } from "../../src/ports/random.ts";
import type { SpeedRow } from "../../src/ports/view-store.ts";
import { count } from "../../src/reducers/count.ts";
import { distinct } from "../../src/reducers/distinct.ts";
import { columnsOf, type PlainEvent } from "../../src/testing/columns-of.ts";
import { HOUR_MS } from "../../src/time/epoch-ms.ts";

const of = (name: string, reducer: unknown, by: string[][]) =>
  metric({
    name,
    title: name,
    unit: "1",
    version: 1,
    by,
    limit: 2,
    examples: [],
    reducer: reducer as ReturnType<typeof count>,
  });
const metrics = (by: string[][]) => [
  of("counted", count({ grains: ["minute"] }), by),
  of("users", distinct(user(), { grains: ["minute"] }), by),
  of("by_day", count({ grains: ["day"] }), by),
];

function events(random: Random, n: number): PlainEvent[] {
  return Array.from({ length: n }, (_, i) => ({
    event_type: `t${below(random, 5)}`,
    timestamp: i * (HOUR_MS / 9) - (below(random, 9) === 0 ? below(random, 60) * HOUR_MS : 0),
    user_id: `u${below(random, 30)}`,
  }));
}

/** Of the totals, without what says of which metric they are. */
const totals = (rows: readonly SpeedRow[]): unknown[] =>
  rows.filter((r) => r.set === 0).map(({ fp: _, ...row }) => row);

test("a total follows its finer set as rows would have it", () => {
  let others = 0;
  for (let seed = 0; seed < 20; seed++) {
    const random = seededRandom(seed);
    const folds = [[["event_type"]], []].map((by) => ({
      fold: new Fold(metrics(by), "approx"),
      taken: [] as readonly SpeedRow[],
      metrics: metrics(by),
    }));
    for (let batch = 0; batch < 12; batch++) {
      const part = events(random, 1 + below(random, 120));
      const columns = columnsOf(part, { tenant: `t${below(random, 2)}` });
      const rows = Uint32Array.from(part, (_, i) => i);
      const doubts = Uint8Array.from(part, () => below(random, 3));
      const [flushed, anew, again] = [
        below(random, 2) === 0,
        below(random, 6) === 0,
        below(random, 6) === 0,
      ];
      for (const one of folds) {
        one.fold.fold(columns, rows, doubts, part.length);
        if (!flushed) continue;
        one.taken = one.fold.takeDirty(0, batch);
        if (anew) one.fold.reset();
        // As a worker that begins from a checkpoint: what was there is put back.
        if (again && anew)
          for (const row of one.taken)
            for (const m of one.metrics) if (m.fingerprint === row.fp) one.fold.restore(row, m);
      }
      others += folds[0]!.taken.filter((r) => r.group.includes("other")).length;
      assert.deepEqual(totals(folds[0]!.taken), totals(folds[1]!.taken), `seed ${seed}, ${batch}`);
      assert.deepEqual(
        totals(folds[0]!.fold.openRows(0, 1)),
        totals(folds[1]!.fold.openRows(0, 1)),
        `seed ${seed}, ${batch}, all`,
      );
    }
  }
  assert.ok(others > 0, "no group was beyond the limit");
});
