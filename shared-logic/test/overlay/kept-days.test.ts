// The pieces of days, kept from asking to asking: always what is made anew of the same view.
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { Fingerprint } from "../../src/metrics/fingerprint.ts";
import { metric } from "../../src/metrics/metric.ts";
import { type DayPieces, dayPieces } from "../../src/overlay/day-pieces.ts";
import { KeptDays } from "../../src/overlay/kept-days.ts";
import { KeptIndex } from "../../src/overlay/kept-index.ts";
import { indexSpeed } from "../../src/overlay/speed-index.ts";
import type { ReadView } from "../../src/overlay/view.ts";
import type { Doubt, RunRow, StoredSpeedRow } from "../../src/ports/view-store.ts";
import { count } from "../../src/reducers/count.ts";
import { DAY_MS, type EpochMs, HOUR_MS, type UtcDay } from "../../src/time/epoch-ms.ts";

const events = metric({
  ...{ name: "events", title: "Events", unit: "events", version: 1 },
  ...{ reducer: count(), by: [["event_type"]], examples: [] },
});
const DAYS = [0 as UtcDay, 1 as UtcDay];
const GROUPS = ["[]", '["a"]', "(other)"];
/** Offsets are small, so that rows are often torn, behind a gap, or below what counts. */
const offset = fc.nat(6);

const row = fc
  .record({
    ...{ day: fc.nat(1), hour: fc.nat(1), partition: fc.nat(1), segment: offset, more: fc.nat(3) },
    ...{ doubt: fc.constantFrom<Doubt>(0, 1), group: fc.constantFrom(...GROUPS) },
  })
  .map(
    ({ day, hour, segment, more, ...rest }): StoredSpeedRow => ({
      ...{ fp: "m@1-0" as Fingerprint, tenant: "t", set: 0, events: 1, skipped: 0, ...rest },
      ...{ segment, to: segment + more, state: new Uint8Array(1) },
      startMs: (day * DAY_MS + hour * HOUR_MS) as EpochMs,
    }),
  );

const runRow = fc.record({ hour: fc.nat(1), group: fc.constantFrom(...GROUPS) }).map(
  ({ hour, group }): RunRow => ({
    ...{ tenant: "t", set: 0, grain: "minute", group, events: 1, skipped: 0 },
    ...{ startMs: (hour * HOUR_MS) as EpochMs, state: new Uint8Array(2) },
  }),
);

/** A view is another by one thing. */
type Change = (view: ReadView) => ReadView;

const change: fc.Arbitrary<Change> = fc.oneof(
  fc.array(row, { maxLength: 12 }).map(
    (speed): Change =>
      (view) => ({ ...view, speed }),
  ),
  row.map(
    (more): Change =>
      (view) => ({ ...view, speed: [...view.speed, more] }),
  ),
  fc.tuple(fc.nat(12), fc.nat(3)).map(
    ([at, by]): Change =>
      (view) => {
        const speed = view.speed.map((r, i) => (i === at ? { ...r, to: r.to + by } : r));
        return { ...view, speed };
      },
  ),
  fc.tuple(offset, offset).map(
    (tos): Change =>
      (view) => {
        return { ...view, positions: tos.map((to) => ({ to, asOf: 0 as EpochMs })) };
      },
  ),
  fc.tuple(offset, offset).map(
    (starts): Change =>
      (view) => ({ ...view, starts }),
  ),
  fc.tuple(offset, offset).map(
    (below): Change =>
      (view) => {
        return { ...view, dropped: new Map([[DAYS[0]!, below]]) };
      },
  ),
  fc.tuple(offset, offset, fc.array(runRow, { maxLength: 3 })).map(([a, b, finest]): Change => {
    const runs = new Map([["r", { finest, values: [] }]]);
    return (view) => ({ ...view, runs, days: new Map([[DAYS[0]!, { run: "r", v: [a, b] }]]) });
  }),
  fc.constant<Change>((view) => ({ ...view, days: new Map() })),
);

const shownOf = ({ blocks, coverage, kept, capped }: DayPieces) => ({
  ...{ coverage, kept, capped },
  blocks: [...blocks]
    .filter(([, pieces]) => pieces.length > 0)
    .sort(([a], [b]) => a - b)
    .map(([start, pieces]) => [
      start,
      pieces.map(({ group, block, doubt, bytes, unnamed, torn }) => {
        return { group, block, doubt, bytes, unnamed, torn };
      }),
    ]),
});

test("is what pieces made anew are, whatever has moved", () => {
  const seen = { kept: 0, changed: 0, torn: 0 };
  fc.assert(
    fc.property(fc.array(change, { minLength: 2, maxLength: 16 }), (changes) => {
      const days = new KeptDays();
      const index = new KeptIndex();
      let view: ReadView = {
        ...{ metric: events, set: 0, genesis: [0, 0], speed: [], runs: new Map() },
        ...{ days: new Map(), positions: [], starts: [0, 0], dropped: new Map() },
      };
      let before: readonly DayPieces[] = [];
      for (const changed of changes) {
        view = changed(view);
        const piecesOf = days.piecesOf(view, index.of(view.speed));
        const found = DAYS.map(piecesOf);
        for (const [i, is] of found.entries()) {
          const must = dayPieces(view, indexSpeed(view.speed), DAYS[i]!);
          assert.deepEqual(shownOf(is), shownOf(must));
          if (is.whole) assert.ok(must.whole, "rows that are torn or behind a gap are known");
          if (!must.whole) seen.torn++;
          seen[is.blocks === before[i]?.blocks ? "kept" : "changed"]++;
        }
        before = found;
      }
    }),
    { numRuns: 2000 },
  );
  for (const [kind, n] of Object.entries(seen)) assert.ok(n > 0, kind);
});

test("of other rows of one hour, the lists of the other hours are the same", () => {
  const at = (hour: number, to: number): StoredSpeedRow => ({
    ...{ fp: "m@1-0" as Fingerprint, tenant: "t", set: 0, group: "[]", doubt: 0, partition: 0 },
    ...{ segment: 0, to, events: 1, skipped: 0, state: new Uint8Array(1) },
    startMs: (hour * HOUR_MS) as EpochMs,
  });
  const first = [at(0, 5), at(1, 5)];
  const index = new KeptIndex();
  const days = new KeptDays();
  const ask = (speed: readonly StoredSpeedRow[], to: number): DayPieces => {
    const view: ReadView = {
      ...{ metric: events, set: 0, genesis: [0], speed, runs: new Map(), days: new Map() },
      ...{ positions: [{ to, asOf: 0 as EpochMs }], starts: [0], dropped: new Map() },
    };
    return days.piecesOf(view, index.of(speed))(DAYS[0]!);
  };
  const [before, after] = [ask(first, 5), ask([first[0]!, at(1, 7)], 7)];
  const [hour, next] = [0 as EpochMs, HOUR_MS as EpochMs];
  assert.equal(after.blocks.get(hour), before.blocks.get(hour));
  assert.notEqual(after.blocks.get(next), before.blocks.get(next));
  assert.equal(ask(first, 8).blocks.size, 2);
});
