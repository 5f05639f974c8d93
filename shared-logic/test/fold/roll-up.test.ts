// Cells that are added up from finer ones are those that rows give, byte for byte and in the same order: of
// kernels that can be rolled up and of others, of every grain, over batches, resets and rows put back.
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Interner } from "../../src/events/interner.ts";
import { Fold } from "../../src/fold/fold.ts";
import type { BlockRow } from "../../src/fold/keying.ts";
import { metric } from "../../src/metrics/metric.ts";
import { decimal, user } from "../../src/metrics/selector.ts";
import { below, type Random, seededRandom } from "../../src/ports/random.ts";
import { count } from "../../src/reducers/count.ts";
import { distinct } from "../../src/reducers/distinct.ts";
import { mean } from "../../src/reducers/mean.ts";
import { sum } from "../../src/reducers/sum.ts";
import { columnsOf, type PlainEvent } from "../../src/testing/columns-of.ts";
import { HOUR_MS } from "../../src/time/epoch-ms.ts";

const PLACE = "properties.place";
const SETS = [["event_type"], [PLACE], ["event_type", PLACE], [PLACE, "event_type", "tenant"]];
const KEPT = 1_000_000;
const of = (name: string, reducer: unknown, by: string[][] = SETS) =>
  metric({
    ...{ name, title: name, unit: "1", version: 1, by, limit: KEPT, examples: [] },
    reducer: reducer as ReturnType<typeof count>,
  });

const price = decimal("properties.price", { scale: 2 });
const METRICS = [
  of("counted", count({ grains: ["minute"] })),
  of("hourly", count({ grains: ["hour"] }), [["event_type"]]),
  of("users", distinct(user(), { grains: ["hour"] })),
  of("daily_users", distinct(user(), { grains: ["day"] }), [["event_type"]]),
  of("revenue", sum(price)),
  // No kernel that could be rolled up: its rows go where their finer slots do.
  of("average", mean(price, { digits: 2 }), [["event_type"], ["event_type", PLACE]]),
  of("average_by_hour", mean(price, { digits: 2, grains: ["hour"] }), []),
];

function events(random: Random, n: number): PlainEvent[] {
  return Array.from({ length: n }, (_, i) => ({
    event_type: `t${below(random, 4)}`,
    timestamp: i * (HOUR_MS / 9) - (below(random, 9) === 0 ? below(random, 60) * HOUR_MS : 0),
    ...(below(random, 9) === 0 ? {} : { user_id: `u${below(random, 30)}` }),
    properties: {
      ...(below(random, 6) === 0 ? {} : { place: `p${below(random, 3)}` }),
      ...(below(random, 6) === 0 ? {} : { price: below(random, 5) === 0 ? 1e17 : 0.25 * i }),
    },
  }));
}

const shown = (fold: Fold): string[] =>
  [...fold.rows()].map(
    (r) =>
      `${r.metric.name}|${r.set}|${r.tenant}|${r.group}|${r.startMs}|${r.doubt}|${r.events}|${r.skipped}|` +
      Buffer.from(r.state).toString("hex"),
  );

test("what is rolled up is what rows give", () => {
  for (let seed = 0; seed < 8; seed++) {
    const random = seededRandom(seed);
    const rolled = new Fold(METRICS, "exact", Number.POSITIVE_INFINITY);
    const plain = new Fold(METRICS, "exact");
    let before: BlockRow | undefined;
    let interners = new Map<string, Interner>();
    for (let batch = 0; batch < 5; batch++) {
      const part = events(random, 1 + below(random, 120));
      if (below(random, 3) === 0) interners = new Map();
      const columns = columnsOf(part, { tenant: `t${below(random, 2)}`, interners });
      const rows = Uint32Array.from(part, (_, i) => i);
      const doubts = Uint8Array.from(part, () => below(random, 2));
      for (const fold of [rolled, plain]) fold.fold(columns, rows, doubts, part.length);
      const what = `seed ${seed}, batch ${batch}`;
      if (below(random, 2) === 0) assert.deepEqual(shown(rolled), shown(plain), what);
      if (below(random, 2) === 0) {
        const taken = [rolled, plain].map((fold) => fold.takeDirty(0, 1));
        assert.deepEqual(taken[0], taken[1], what);
      }
      // One of long ago, which says less than there is now.
      if (below(random, 3) === 0 && before) {
        for (const fold of [rolled, plain]) fold.restore(before, before.metric);
      }
      before ??= [...plain.rows()].find((r) => r.metric.name === "users" && r.set === 0);
      if (below(random, 8) === 0) for (const fold of [rolled, plain]) fold.reset();
    }
    assert.deepEqual(shown(rolled), shown(plain), `seed ${seed}`);
    const values = [rolled, plain].map((fold) => fold.values());
    assert.deepEqual(values[0], values[1], `seed ${seed}`);
  }
});
