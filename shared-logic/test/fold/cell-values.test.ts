// What a fold shows of its cells is what their encoded states say, for kernels that count by themselves
// and for those that do not.
import assert from "node:assert/strict";
import { test } from "node:test";
import { decimalOf, formatDecimal } from "../../src/algebra/decimal.ts";
import { exactCount, exactly } from "../../src/algebra/estimate.ts";
import { decodeBlock } from "../../src/fold/block.ts";
import { Fold } from "../../src/fold/fold.ts";
import type { Side } from "../../src/fold/fold-plan.ts";
import { metric } from "../../src/metrics/metric.ts";
import { decimal, user } from "../../src/metrics/selector.ts";
import { below, seededRandom } from "../../src/ports/random.ts";
import { count } from "../../src/reducers/count.ts";
import { distinct } from "../../src/reducers/distinct.ts";
import { max } from "../../src/reducers/max.ts";
import { columnsOf } from "../../src/testing/columns-of.ts";
import { GRAIN_MS } from "../../src/time/calendar.ts";
import { MINUTE_MS } from "../../src/time/epoch-ms.ts";

const of = (name: string, reducer: ReturnType<typeof count>) =>
  metric({ name, title: name, unit: "1", version: 1, reducer, by: [["event_type"]], examples: [] });

test("values are those of the states", () => {
  const metrics = [
    of("counted", count({ grains: ["minute"] })),
    of("users", distinct(user(), { grains: ["minute", "hour"] }) as never),
    of("hours", distinct(user(), { grains: ["hour"] }) as never),
    of("highest", max(decimal("properties.price", { scale: 2 })) as never),
  ];
  for (let seed = 0; seed < 20; seed++) {
    const random = seededRandom(seed);
    const events = Array.from({ length: 300 }, (_, i) => ({
      timestamp: i * MINUTE_MS,
      event_type: `t${below(random, 3)}`,
      ...(below(random, 9) === 0 ? {} : { user_id: `u${below(random, 40)}` }),
      properties: below(random, 5) === 0 ? {} : { price: below(random, 1000) / 100 },
    }));
    for (const side of ["exact", "approx"] as const satisfies readonly Side[]) {
      const fold = new Fold(metrics, side);
      const rows = Uint32Array.from(events, (_, i) => i);
      fold.fold(columnsOf(events), rows, new Uint8Array(rows.length), rows.length);
      const wanted: string[] = [];
      for (const row of fold.rows()) {
        const { reducer } = row.metric;
        const grainMs = GRAIN_MS[reducer.grains[0] ?? "hour"];
        for (const c of decodeBlock(row.state)) {
          const from = row.startMs + c.cell * grainMs;
          const window = { from, until: from + grainMs } as never;
          const algebra = reducer[side];
          const { value } = algebra.present(algebra.decode(c.state), { window, events: c.events });
          const shown = value === null ? "null" : formatDecimal(value);
          wanted.push(
            `${row.metric.name}|${row.set}|${row.group}|${from}|${c.events}|${c.skipped}|${shown}`,
          );
        }
      }
      const shown = fold.values().map((v) => {
        const { value } = v.estimate;
        const text = value === null ? "null" : formatDecimal(value);
        return `${v.metric.name}|${v.set}|${v.group}|${v.startMs}|${v.events}|${v.skipped}|${text}`;
      });
      assert.deepEqual(shown, wanted, `seed ${seed}`);
      assert.ok(shown.length > 100);
    }
  }
});

test("a count that is shared is what it is alone", () => {
  for (const count of [1024, 3, 1023, 0, 2 ** 40, 3])
    assert.deepEqual(exactCount(count), exactly(decimalOf(count)));
});
