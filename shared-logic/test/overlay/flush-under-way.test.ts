// A flush is under way where a row that counts lies above its position; what is known of how far rows reach changes
// nothing of that.
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { Fingerprint } from "../../src/metrics/fingerprint.ts";
import { metric } from "../../src/metrics/metric.ts";
import { flushUnderWay } from "../../src/overlay/coverage.ts";
import type { ReadView } from "../../src/overlay/view.ts";
import type { StoredSpeedRow } from "../../src/ports/view-store.ts";
import { count } from "../../src/reducers/count.ts";
import type { EpochMs, UtcDay } from "../../src/time/epoch-ms.ts";

const events = metric({
  ...{ name: "events", title: "Events", unit: "events", version: 1 },
  ...{ reducer: count(), by: [], examples: [] },
});
const rows = fc.array(fc.tuple(fc.nat(2), fc.nat(6), fc.nat(3)), { maxLength: 6 });

test("whether or not it is known how far rows reach", () => {
  const seen = { under: 0, not: 0 };
  const positions = fc.array(fc.nat(9), { minLength: 3, maxLength: 3 });
  fc.assert(
    fc.property(rows, positions, fc.nat(5), fc.boolean(), (made, to, v, sealed) => {
      const speed = made.map(([partition, segment, length]): StoredSpeedRow => {
        return {
          ...{ fp: "m@1-0" as Fingerprint, tenant: "t", set: 0, group: "[]", doubt: 0, partition },
          ...{ segment, to: segment + length, events: 1, skipped: 0, startMs: 0 as EpochMs },
          state: new Uint8Array(0),
        };
      });
      const entry = sealed ? { run: "r", v: [v, v, v] } : undefined;
      const view: ReadView = {
        ...{ metric: events, set: 0, genesis: [0, 0, 0], speed, runs: new Map() },
        positions: to.map((at) => (at === 9 ? undefined : { to: at, asOf: 0 as EpochMs })),
        ...{ starts: [0, 0, 0], days: new Map([[0 as UtcDay, entry]]), dropped: new Map() },
      };
      const must = speed.some(
        (r) => r.to > (view.positions[r.partition]?.to ?? 0) && r.segment >= (sealed ? v : 0),
      );
      seen[must ? "under" : "not"]++;
      const reached = [0, 0, 0];
      for (const r of speed) reached[r.partition] = Math.max(reached[r.partition]!, r.to);
      assert.equal(flushUnderWay(view), must);
      assert.equal(flushUnderWay({ ...view, reached }), must);
    }),
    { numRuns: 2000 },
  );
  assert.ok(seen.under > 50 && seen.not > 50);
});
