// Readers against everything else at once: appends, cuts, flushes that stop half-way, runs and drops go on
// between any two reads of a query. Whatever the reader meets, an answer never contradicts the log: each
// value lies between what was flushed before the read began, or logged before its freshness, and what was in
// the log when the read ended.
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  below,
  count,
  epochMs,
  metric,
  plusMs,
  type Random,
  seededRandom,
  type UtcDay,
} from "@tandem/shared-logic";
import { DATASET, DAY, type Logged, World } from "./serving-fixture.ts";

const events = metric({
  name: "events",
  title: "E",
  unit: "events",
  version: 1,
  reducer: count(),
  by: [["event_type"]],
  examples: [],
});
const DAYS = [DAY, (DAY + 1) as UtcDay];
const RANGE = { from: "2019-10-01", until: "2019-10-03", grain: "day" };

/** One thing that anybody but the reader may do. */
async function something(w: World, random: Random): Promise<void> {
  w.now = plusMs(w.now, 1000);
  const partition = below(random, 2);
  const log = w.log[partition] ?? [];
  switch (below(random, 7)) {
    case 0:
    case 1: {
      const [day, hour] = [1 + below(random, 2), String(below(random, 24)).padStart(2, "0")];
      w.append(
        { timestamp: `2019-10-0${day}T${hour}:00:00Z`, event_type: "ab"[below(random, 2)] },
        { partition },
      );
      return;
    }
    case 2:
      w.cut();
      return;
    case 3:
      return w.flush(partition);
    case 4: // a flush that dies before its position
      for (const row of w.rows(partition, log.length)) {
        if (below(random, 2) === 0) continue;
        const to = (await w.views.positions(DATASET, 2))[partition]?.to ?? 0;
        await w.views.flush({
          dataset: DATASET,
          partition,
          to,
          asOf: epochMs(0),
          starts: [],
          rows: [row],
        });
      }
      return;
    case 5: {
      const day = DAYS[below(random, 2)] ?? DAY;
      await w.publish(events, day, w.cuts[w.cuts.length - 1] ?? []);
      return;
    }
    case 6:
      for (const day of DAYS) {
        const v = w.runOf(events, day);
        if (v && below(random, 2) === 0)
          await w.views.dropSpeed(DATASET, events.fingerprint, day, v);
      }
  }
}

const dayOfEvent = ({ event }: Logged): number => Number(String(event["timestamp"]).slice(9, 10));
const logged = (w: World, beforeMs: number, day: number): number =>
  w.log.flat().filter((l) => l.loggedMs < beforeMs && dayOfEvent(l) === day).length;
const inLog = (w: World, p: number, to: number, day: number): number =>
  (w.log[p] ?? []).slice(0, to).filter((l) => dayOfEvent(l) === day).length;

test("no answer contradicts the log, whatever happens during a read", async () => {
  let [points, missing, torn, exact] = [0, 0, 0, 0];
  for (let seed = 1; seed <= 40; seed++) {
    const random = seededRandom(seed);
    let reading = false;
    let busy = false;
    const step = async (): Promise<void> => {
      if (!reading || busy || below(random, 3) > 0) return;
      busy = true;
      await something(w, random);
      busy = false;
    };
    const w: World = await World.create([events], { store: { atomicFlush: true, step } });
    w.stepReads(step);
    await w.flushAll();
    for (let round = 0; round < 8; round++) {
      for (let n = below(random, 8); n > 0; n--) await something(w, random);
      const before = (await w.views.positions(DATASET, 2)).map((p) => p?.to ?? 0);
      const sealed = DAYS.map((day) => w.runOf(events, day));
      reading = true;
      const answer = await w.ask(events, RANGE);
      reading = false;
      const ends = w.log.map((l) => l.length);
      torn += Number(answer.degraded.length > 0);
      missing += answer.missing.length;
      for (const point of answer.points) {
        points++;
        const day = Number(point.from.slice(9, 10));
        const run = sealed[day - 1];
        const flushed = before.reduce(
          (n, to, p) => n + inLog(w, p, Math.max(to, run?.[p] ?? 0), day),
          0,
        );
        const fresh = answer.freshness === null ? 0 : Date.parse(answer.freshness);
        const least = Math.max(flushed, logged(w, fresh, day));
        const most = ends.reduce((n, end, p) => n + inLog(w, p, end, day), 0);
        const value = Number(point.value);
        const said = `seed ${seed}, round ${round}: ${least} <= ${value} <= ${most}`;
        assert.ok(value >= least && value <= most, said);
        exact += Number(point.exact);
      }
    }
  }
  // The schedules are worth something only if all of it happened.
  assert.ok(points > 600 && torn > 50 && exact > 200, `${points}, ${torn} torn, ${exact} exact`);
  // What is dropped lies below a published run: a reader that looks again finds it.
  assert.equal(missing, 0);
});
