// Metrics whose reducers keep equal states are folded and encoded once: their rows are those that each has alone,
// also after some flushes and from a checkpoint.
import assert from "node:assert/strict";
import { test } from "node:test";
import { catalogue } from "../../src/catalogue/catalogue.ts";
import { readyMetrics } from "../../src/catalogue/ready-metrics.ts";
import { Fold } from "../../src/fold/fold.ts";
import { foldPlan, type Side } from "../../src/fold/fold-plan.ts";
import type { Metric } from "../../src/metrics/metric.ts";
import { below, type Random, seededRandom } from "../../src/ports/random.ts";
import type { SpeedRow } from "../../src/ports/view-store.ts";
import { columnsOf } from "../../src/testing/columns-of.ts";
import { HOUR_MS, MINUTE_MS } from "../../src/time/epoch-ms.ts";

const metrics = [...catalogue, ...readyMetrics].filter((m) => m.reducer.stateKey !== undefined);

const drawn = (random: Random, count: number) =>
  Array.from({ length: count }, (_, i) => ({
    timestamp: below(random, 30) * HOUR_MS + below(random, 60) * MINUTE_MS,
    event_id: `e${i}`,
    event_type: ["signup", "product_view", "add_to_cart", "checkout", "purchase"][below(random, 5)],
    ...(below(random, 9) === 0 ? {} : { user_id: `u${below(random, 40)}` }),
    properties: { latency_ms: below(random, 5) === 0 ? "slow" : below(random, 400) },
    context: { platform: ["web", "ios"][below(random, 2)] },
  }));

const texts = (rows: readonly SpeedRow[]): string[] =>
  rows.map((r) => JSON.stringify({ ...r, state: Buffer.from(r.state).toString("hex") })).sort();

const statesIn = (of: readonly Metric[], side: Side): number =>
  foldPlan(of, side, undefined)
    .flatMap((f) => f.keyings)
    .reduce((n, k) => n + k.states.length, 0);

test("metrics of equal states are folded once, each row as if alone", () => {
  assert.ok(metrics.length >= 10);
  for (const side of ["exact", "approx"] as const) {
    assert.ok(statesIn(metrics, side) < metrics.length);
    for (let seed = 0; seed < 4; seed++) {
      const random = seededRandom(seed);
      const together = new Fold(metrics, side);
      const alone = metrics.map((m) => new Fold([m], side));
      for (let to = 100; to <= 300; to += 100) {
        const columns = columnsOf(drawn(random, 100));
        const rows = Uint32Array.from({ length: 100 }, (_, i) => i);
        for (const fold of [together, ...alone])
          fold.fold(columns, rows, new Uint8Array(100), rows.length);
        const wanted = texts(alone.flatMap((f) => f.takeDirty(0, to)));
        assert.deepEqual(texts(together.takeDirty(0, to)), wanted, `seed ${seed}`);
      }
      assert.deepEqual(texts(together.unsavedRows()), texts(alone.flatMap((f) => f.unsavedRows())));
      const restored = new Fold(metrics, side);
      for (const row of together.unsavedRows()) {
        const metric = metrics.find((m) => m.fingerprint === row.fp);
        if (metric) restored.restore(row, metric);
      }
      assert.deepEqual(texts(restored.openRows(0, 300)), texts(together.openRows(0, 300)));
    }
  }
});
