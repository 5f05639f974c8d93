import assert from "node:assert/strict";
import { test } from "node:test";
import {
  below,
  DAY_MS,
  DictionaryColumn,
  type EventColumns,
  Interner,
  NO_TEXT,
  ROW_DEAD,
  seededRandom,
} from "@tandem/shared-logic";
import { columnsOf } from "@tandem/shared-logic/testing";
import { FirstCopies } from "../src/first-copies.ts";

const UUID = "00000000-0000-4000-8000-0000000000";

interface Sent {
  readonly event_id: string;
  readonly timestamp: number;
  /** Undefined of a row that has none. */
  readonly tenant: string | undefined;
  readonly isDead: boolean;
}

/** As one batch of several tenants. */
function batchOf(events: readonly Sent[], interners: Map<string, Interner>): EventColumns {
  const columns = columnsOf(
    events.map(({ event_id, timestamp }) => ({ event_id, timestamp })),
    {
      interners,
    },
  );
  const tenants = interners.get("tenants") ?? new Interner();
  interners.set("tenants", tenants);
  const codes = Int32Array.from(events, ({ tenant }) =>
    tenant === undefined ? NO_TEXT : tenants.internText(tenant),
  );
  const tenant = new DictionaryColumn(tenants, codes, events.length);
  const { rowKinds, sentMs } = columns;
  for (const [row, { isDead }] of events.entries()) {
    if (!isDead) continue;
    rowKinds[row] = ROW_DEAD;
    if (row % 2 === 0) sentMs[row] = Number.NaN;
  }
  const { partition, count, offsets, flags, timeMs, receivedMs, idHashes, userKinds } = columns;
  return {
    ...{ partition, count, offsets, rowKinds, flags, timeMs, sentMs, receivedMs, idHashes },
    userKinds,
    field: (path) => (path === "tenant" ? tenant : columns.field(path)),
    cut: (row) => columns.cut(row),
  };
}

test("the first copy of each id, tenant and as-sent day is kept, whether batches share an interner or not", () => {
  for (let seed = 0; seed < 200; seed++) {
    const random = seededRandom(seed);
    const shared = new Map<string, Interner>();
    const first = new FirstCopies(seed % 2 === 0 ? 0 : 3000);
    const seen = new Set<string>();
    const [tenants, days] = [1 + below(random, 4), 1 + below(random, 3)];
    for (let batch = 0; batch < 5; batch++) {
      const isLarge = seed === 0 && batch === 1;
      const events = Array.from({ length: isLarge ? 10_000 : below(random, 60) }, () => ({
        event_id: `${seed % 2 === 0 ? UUID : "id "}${below(random, 80) + 10}`,
        timestamp: below(random, days) * DAY_MS + below(random, DAY_MS),
        tenant: ["a", undefined, "b", "c"][below(random, tenants)],
        isDead: below(random, 10) === 0,
      }));
      const wanted: number[] = [];
      for (const [row, e] of events.entries()) {
        const key = `${e.tenant}|${Math.floor(e.timestamp / DAY_MS)}|${e.event_id}`;
        if (!e.isDead && !seen.has(key)) wanted.push(row);
        if (!e.isDead) seen.add(key);
      }
      const interners = below(random, 2) === 0 ? shared : new Map<string, Interner>();
      const selected = first.select(batchOf(events, interners));
      assert.deepEqual([...selected], wanted, `seed ${seed}`);
    }
    // Whoever comes next has its memory, and knows none of its ids.
    if (seed % 3 > 0) first.release();
  }
});
