// Speed rows by day, kept from list to list: always what an index made anew is.
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { Fingerprint } from "../../src/metrics/fingerprint.ts";
import { KeptIndex } from "../../src/overlay/kept-index.ts";
import { indexSpeed } from "../../src/overlay/speed-index.ts";
import type { Doubt, StoredSpeedRow } from "../../src/ports/view-store.ts";
import { DAY_MS, type EpochMs, HOUR_MS } from "../../src/time/epoch-ms.ts";

const rows = fc.array(
  fc.record({
    day: fc.nat(3),
    hour: fc.nat(1),
    segment: fc.nat(2),
    partition: fc.nat(1),
    doubt: fc.constantFrom<Doubt>(0, 1),
    group: fc.constantFrom("[]", '["a"]'),
  }),
  { maxLength: 12 },
);

const rowOf = ({
  day,
  hour,
  ...rest
}: { day: number; hour: number } & Partial<StoredSpeedRow>) => ({
  ...{ fp: "m@1-0" as Fingerprint, tenant: "t", set: 0, group: "[]", segment: 0, partition: 0 },
  ...{ doubt: 0 as Doubt, to: 1, events: 1, skipped: 0, state: new Uint8Array(1), ...rest },
  startMs: (day * DAY_MS + hour * HOUR_MS) as EpochMs,
});

test("is what an index made anew is, whatever changed", () => {
  /** Each step: rows behind, and rows replaced or taken away by place. */
  const step = fc.record({
    more: rows,
    replaced: fc.array(fc.tuple(fc.nat(20), rows), { maxLength: 3 }),
    flushed: fc.array(fc.tuple(fc.nat(20), fc.nat(2)), { maxLength: 3 }),
    gone: fc.array(fc.nat(40), { maxLength: 2 }),
  });
  fc.assert(
    fc.property(fc.array(step, { minLength: 1, maxLength: 6 }), (steps) => {
      const kept = new KeptIndex();
      let list: StoredSpeedRow[] = [];
      for (const { more, replaced, flushed, gone } of steps) {
        list = [...list];
        for (const [at, [by]] of replaced) if (by && at < list.length) list[at] = rowOf(by);
        for (const [at, segment] of flushed) {
          const was = list[at];
          if (was) list[at] = { ...was, to: was.to + 1, segment: Math.max(was.segment, segment) };
        }
        for (const at of gone) list.splice(at, 1);
        list.push(...more.map(rowOf));
        const [is, anew] = [kept.of(list), indexSpeed(list)];
        assert.deepEqual([...is].sort(byDay), [...anew].sort(byDay));
      }
    }),
  );
});

test("of a day without a change the rows are not put together again", () => {
  const kept = new KeptIndex();
  const one = [rowOf({ day: 0, hour: 0 }), rowOf({ day: 1, hour: 0 })];
  const before = kept.of(one);
  const after = kept.of([one[0]!, rowOf({ day: 1, hour: 0 })]);
  const [first, second] = [...after.keys()].sort((a, b) => a - b);
  assert.equal(after.get(first!), before.get(first!));
  assert.notEqual(after.get(second!), before.get(second!));
});

const byDay = <T>([a]: readonly [number, T], [b]: readonly [number, T]): number => a - b;
