// Ranges that no single run answers: exact where kept exact states or a week's row can be had, else an
// interval from sketches that holds the truth and says that it is not exact.
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  below,
  distinct,
  epochMs,
  metric,
  sessions as ofSessions,
  perUser,
  type SpanRow,
  seededRandom,
  spanKey,
  type UtcDay,
  user,
} from "@tandem/shared-logic";
import { at, DATASET, DAY, World, type WorldOptions } from "./serving-fixture.ts";

const base = { title: "T", unit: "users", version: 1, examples: [], by: [["event_type"]] };
const users = metric({ ...base, name: "users", reducer: distinct(user()) });
const sessions = metric({ ...base, name: "sessions", reducer: perUser(ofSessions()) });
/** 2019-09-30, a Monday, to Sunday. */
const WEEK = Array.from({ length: 7 }, (_, i) => (DAY - 1 + i) as UtcDay);
const NOW = at("2019-10-10T00:00:00Z");

async function sealedWeek(options: WorldOptions = {}): Promise<World> {
  const w = await World.create([users, sessions], { now: NOW, firstDay: DAY, ...options });
  const random = seededRandom(7);
  for (let i = 0; i < 600; i++) {
    const timestamp = new Date(
      at("2019-09-30T00:00:00Z") + below(random, 7 * 86_400_000),
    ).toISOString();
    const user_id = `u${below(random, 150)}`;
    w.append(
      { timestamp, user_id, event_type: "ab"[below(random, 2)] },
      { partition: below(random, 2) },
    );
  }
  const v = w.cut();
  for (const m of w.metrics) for (const day of WEEK) await w.publish(m, day, v);
  await w.flushAll();
  return w;
}

function usersIn(w: World, from: string, until: string, type?: string): number {
  const inside = w.log.flat().filter(({ event }) => {
    const time = String(event["timestamp"]);
    return time >= from && time < until && (type === undefined || event["event_type"] === type);
  });
  return new Set(inside.map((l) => l.event["user_id"])).size;
}

/** Sessions over the whole log, counted where they start. */
function sessionsIn(w: World, from: string, until: string): number {
  const byUser = Map.groupBy(w.log.flat(), (l) => String(l.event["user_id"]));
  let n = 0;
  for (const events of byUser.values()) {
    let last = Number.NEGATIVE_INFINITY;
    for (const time of events
      .map((l) => Date.parse(String(l.event["timestamp"])))
      .sort((a, b) => a - b)) {
      if (time - last > 1_800_000 && time >= Date.parse(from) && time < Date.parse(until)) n++;
      last = time;
    }
  }
  return n;
}

test("a total over sealed days is exact, for a zone's days too", async () => {
  const w = await sealedWeek();
  const total = { from: "2019-10-01", until: "2019-10-05", grain: "total" };
  const asked = await w.ask(users, total);
  assert.deepEqual(
    asked.points.map((p) => [p.value, p.exact, p.layer]),
    [[usersIn(w, "2019-10-01", "2019-10-05"), true, "batch"]],
  );
  const by = await w.ask(users, { ...total, by: "event_type" });
  for (const p of by.points)
    assert.deepEqual(
      [p.value, p.exact],
      [usersIn(w, "2019-10-01", "2019-10-05", p.by?.["event_type"] ?? ""), true],
    );
  assert.equal(by.points.length, 2);
  const started = await w.ask(sessions, total);
  assert.deepEqual(
    started.points.map((p) => [p.value, p.exact]),
    [[sessionsIn(w, "2019-10-01", "2019-10-05"), true]],
  );
  const zoned = { from: "2019-10-01", until: "2019-10-05", grain: "day", tz: "Europe/Berlin" };
  for (const [m, truth] of [
    [users, usersIn],
    [sessions, sessionsIn],
  ] as const) {
    for (const p of (await w.ask(m, zoned)).points)
      assert.deepEqual(
        [p.from, p.value, p.exact],
        [p.from, truth(w, p.from, p.until), true],
        m.name,
      );
  }
});

test("too much to read, or a late event: sketches, an interval, not exact", async () => {
  const small = await sealedWeek({ engine: { exactBytes: 1000 } });
  const late = await sealedWeek();
  late.append({ timestamp: "2019-10-02T12:00:00Z", user_id: "new", event_type: "a" });
  await late.flushAll();
  for (const w of [small, late]) {
    for (const [m, truth] of [
      [users, usersIn],
      [sessions, sessionsIn],
    ] as const) {
      const { points } = await w.ask(m, {
        from: "2019-10-01",
        until: "2019-10-05",
        grain: "total",
      });
      const p = points[0];
      const real = truth(w, "2019-10-01", "2019-10-05");
      assert.equal(p?.exact, false);
      assert.ok(
        Number(p?.low) <= real && real <= Number(p?.high),
        `${m.name}: ${p?.low} ${real} ${p?.high}`,
      );
    }
  }
  const { points } = await late.ask(users, {
    from: "2019-10-03",
    until: "2019-10-05",
    grain: "total",
  });
  assert.equal(points[0]?.exact, true, "days without the late event");
});

test("a week's row counts while its runs are the ledger's", async () => {
  const w = await sealedWeek({ engine: { exactBytes: 0 } });
  const week = { from: "2019-09-30", until: "2019-10-07", grain: "week" };
  const truth = usersIn(w, "2019-09-30", "2019-10-07");
  const runs = Object.fromEntries(
    WEEK.map((day) => [day, `users-${day}-${w.cuts.at(-1)?.join("-")}`]),
  );
  const row: SpanRow = { run: "week-1", runs };
  const startMs = epochMs(WEEK[0]! * 86_400_000);
  const counts = {
    tenant: "acme",
    set: 0,
    group: "[]",
    events: 600,
    skipped: 0,
    state: new Uint8Array(),
  };
  await w.views.writeRun("week-1", [{ ...counts, grain: "week", startMs, value: String(truth) }]);
  await w.views.cas(spanKey(DATASET, users.fingerprint, "week", WEEK[0]!), 0, JSON.stringify(row));
  const asked = await w.ask(users, week);
  assert.deepEqual(
    asked.points.map((p) => [p.value, p.exact, p.run]),
    [[truth, true, "week-1"]],
  );
  w.append({ timestamp: "2019-10-02T12:00:00Z", user_id: "new", event_type: "a" });
  await w.flushAll();
  assert.equal((await w.ask(users, week)).points[0]?.exact, false, "a late event");
  await w.publish(users, DAY, w.cut());
  assert.equal((await w.ask(users, week)).points[0]?.exact, false, "a newer run of a day");
});
