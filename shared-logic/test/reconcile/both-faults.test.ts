// Events dropped and duplicated on one day: both sizes lie in their intervals, however often a cell hides a pair of them.
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  below,
  compareDay,
  count,
  type DayInput,
  dayStart,
  type EpochMs,
  encodeBlock,
  HOUR_MS,
  metric,
  type Random,
  seededRandom,
  TOTAL_GROUP,
  type UtcDay,
} from "../../src/index.ts";

const DAY = 20_000 as UtcDay;
const SEEN = metric({
  ...{ name: "seen", title: "Seen", unit: "events", version: 1, examples: [], reducer: count() },
});

/** `n` events over so many minutes of a day, each dropped or counted twice by chance. */
function faulty(random: Random, n: number, minutes: number, drop: number, duplicate: number) {
  const [batch, speed] = [new Uint32Array(1440), new Uint32Array(1440)];
  const injected = { dropped: 0, duplicated: 0 };
  const hit = (share: number): boolean => below(random, 1_000_000) < share * 1_000_000;
  for (let i = 0; i < n; i++) {
    const at = below(random, minutes);
    batch[at] = (batch[at] ?? 0) + 1;
    let counted = 1;
    if (hit(drop)) [counted, injected.dropped] = [0, injected.dropped + 1];
    else if (hit(duplicate)) [counted, injected.duplicated] = [2, injected.duplicated + 1];
    speed[at] = (speed[at] ?? 0) + counted;
  }
  return { input: inputOf(batch, speed, n), injected };
}

function inputOf(batch: Uint32Array, speed: Uint32Array, n: number): DayInput {
  const { approx } = SEEN.reducer;
  const blocks = (counts: Uint32Array) =>
    Array.from({ length: 24 }, (_, hour) => {
      const cells = Array.from(counts.subarray(hour * 60, hour * 60 + 60), (events, cell) => {
        let state = approx.zero;
        for (let i = 0; i < events; i++) state = approx.append(state, null);
        return { cell, events, skipped: 0, state: approx.encode(state) };
      }).filter((c) => c.events > 0);
      const startMs = (dayStart(DAY) + hour * HOUR_MS) as EpochMs;
      const row = { tenant: "t", set: 0, group: TOTAL_GROUP, skipped: 0, startMs };
      return { ...row, events: n, state: encodeBlock(cells) };
    });
  const fp = SEEN.fingerprint;
  return {
    metric: SEEN,
    day: DAY,
    entry: { run: "r", v: [n] },
    genesis: [0],
    run: { finest: blocks(batch).map((b) => ({ ...b, grain: "minute" as const })), values: [] },
    speed: blocks(speed).map((b) => ({ ...b, fp, partition: 0, segment: 0, to: n, doubt: 0 })),
    manifest: [[]],
    before: undefined,
    eventsBefore: undefined,
  };
}

test("both sizes lie in their intervals", (t) => {
  let [tries, hidden, width] = [0, 0, 0];
  for (let seed = 1; seed <= 60; seed++) {
    const random = seededRandom(seed);
    const minutes = [1440, 400, 60, 5][seed % 4] ?? 1;
    const { input, injected } = faulty(random, 3000, minutes, 0.003, 0.005);
    const { dropped, duplicated, unexplained } = compareDay(input);
    const where = `seed ${seed}, ${minutes} minutes: ${JSON.stringify([injected, dropped, duplicated])}`;
    assert.ok(dropped.low <= injected.dropped && duplicated.low <= injected.duplicated, where);
    if (!unexplained.includes("dropped") || !unexplained.includes("duplicated")) continue;
    tries++;
    if (injected.dropped > dropped.low) hidden++;
    if (minutes === 1440) width = Math.max(width, dropped.high - dropped.low);
    assert.ok(injected.dropped <= dropped.high, where);
    assert.ok(injected.duplicated <= duplicated.high, where);
  }
  t.diagnostic(
    `${tries} days with both, ${hidden} with hidden pairs; widest by the minute ${width}`,
  );
  assert.ok(tries >= 30 && hidden >= 10 && width <= 12);
});

test("one fault alone has the size that is seen", () => {
  for (let seed = 1; seed <= 6; seed++) {
    const { input, injected } = faulty(seededRandom(seed), 3000, 1440, 0.01, 0);
    const { dropped, duplicated } = compareDay(input);
    assert.deepEqual(dropped, { low: injected.dropped, high: injected.dropped });
    assert.deepEqual(duplicated, { low: 0, high: 0 });
  }
});
