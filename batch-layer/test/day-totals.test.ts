// Whole days of a run before and after some of its rows changed, added up together, are those of each alone.
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  below,
  catalogue,
  type EpochMs,
  encodeBlock,
  HOUR_MS,
  MINUTE_MS,
  type Random,
  type RunRow,
  seededRandom,
  type UtcDay,
} from "@tandem/shared-logic";
import { shapeOf } from "../src/heal/cells.ts";
import { dayTotals, totalsOfChanged } from "../src/heal/day-totals.ts";
import type { RowChange } from "../src/heal/patch-run.ts";

const DAY = 20_514 as UtcDay;
const DAY_MS = DAY * 24 * HOUR_MS;
const SEEDS = 200;

/** An hour of minutes; now and then of the day before or after. */
function rowOf(random: Random, set: number, group: string, hour: number): RunRow {
  const cells = Array.from({ length: 4 }, (_, cell) => ({
    cell,
    events: 1 + below(random, 3),
    skipped: below(random, 2),
    state: Uint8Array.of(1, below(random, 3)),
  })).filter(() => below(random, 3) > 0);
  return {
    ...{ tenant: "shop", set, group, grain: "minute" },
    startMs: (DAY_MS + hour * HOUR_MS) as EpochMs,
    events: cells.reduce((n, c) => n + c.events, 0),
    skipped: cells.reduce((n, c) => n + c.skipped, 0),
    state: encodeBlock(cells),
  };
}

test(`additive: rows that stay, change, come and go (seeds 1 to ${SEEDS})`, () => {
  const metric = catalogue.find((m) => m.name === "events");
  assert.ok(metric?.reducer.additive && metric.reducer.grains[0] === "minute");
  assert.equal(MINUTE_MS * 60, HOUR_MS);
  const shape = shapeOf(metric);
  for (let seed = 1; seed <= SEEDS; seed++) {
    const random = seededRandom(seed);
    const [before, after, changes]: [RunRow[], RunRow[], RowChange[]] = [[], [], []];
    for (const set of [0, 1])
      for (const group of set === 0 ? ["[]"] : ['["a"]', '["b"]', '["c"]'])
        for (const hour of [-1, 0, 7, 23, 24]) {
          const was = below(random, 4) > 0 ? rowOf(random, set, group, hour) : undefined;
          const kind = group === '["c"]' ? 0 : below(random, 3);
          const now = kind === 0 ? was : kind === 1 ? rowOf(random, set, group, hour) : undefined;
          if (was) before.push(was);
          if (now) after.push(now);
          if (was !== now) changes.push({ before: was, after: now });
        }
    const own = ({ startMs }: RunRow): boolean =>
      startMs >= DAY_MS && startMs < DAY_MS + 24 * HOUR_MS;
    const groups = new Set(
      changes.flatMap((c) => [c.before, c.after].map((r) => r && own(r) && r.group)),
    );
    const shown = (row: RunRow): boolean => row.set === 0 || groups.has(row.group);
    const both = totalsOfChanged(shape, DAY, after, changes);
    const sorted = (totals: typeof both.before) => new Map([...totals].sort());
    assert.deepEqual(
      sorted(both.after),
      sorted(dayTotals(shape, DAY, after.filter(shown))),
      `${seed}`,
    );
    assert.deepEqual(
      sorted(both.before),
      sorted(dayTotals(shape, DAY, before.filter(shown))),
      `${seed}`,
    );
  }
});
