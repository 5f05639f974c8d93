// A whole year on the clocks of a dozen zones through the HTTP API: each day, week and month begins where the zone's
// own calendar says, has 23, 23.5, 24, 24.5 or 25 hours where it should, and holds the events of just that date.
// Dates of events are the runtime's calendar, asked event by event.
import assert from "node:assert/strict";
import { test } from "node:test";
import { count, HOUR_MS, metric, seededRandom, type UtcDay } from "@tandem/shared-logic";
import { startServing } from "./http-fixture.ts";
import { at, World } from "./serving-fixture.ts";

const events = metric({
  ...{ name: "events", title: "T", unit: "events", version: 1, examples: [] },
  reducer: count(),
});
/** Hours that the days of 2019 have, beside those of 24. */
const ZONES: Readonly<Record<string, readonly number[]>> = {
  UTC: [],
  "Europe/Berlin": [23, 25],
  "Europe/London": [23, 25],
  "America/New_York": [23, 25],
  "America/St_Johns": [23, 25],
  "America/Havana": [23, 25],
  "America/Sao_Paulo": [25],
  "Asia/Tehran": [23, 25],
  "Asia/Kathmandu": [],
  "Asia/Gaza": [23, 25],
  "Australia/Lord_Howe": [23.5, 24.5],
  "Pacific/Chatham": [23, 25],
  "Pacific/Apia": [23, 25],
};
const [FROM, UNTIL] = [at("2018-12-30T00:00:00Z"), at("2020-01-03T00:00:00Z")];

test("2019, day by day, by the week and by the month, in a dozen zones", async (t) => {
  const random = seededRandom(7);
  const w = await World.create([events], {
    partitions: 1,
    now: at("2020-02-01T00:00:00Z"),
    firstDay: (FROM / (24 * HOUR_MS)) as UtcDay,
  });
  const times: number[] = [];
  // Every few hours, and thick about midnights and changes of clocks, which are near whole and half hours.
  for (let ms: number = FROM; ms < UNTIL; ms += 9 * HOUR_MS + (random.u32() % 4) * 1_800_000)
    times.push(ms, ms - 1000);
  for (const ms of times) w.append({ timestamp: new Date(ms).toISOString() });
  await w.flushAll();
  const api = await startServing(t, w);

  for (const [zone, lengths] of Object.entries(ZONES)) {
    const dates = new Intl.DateTimeFormat("en-CA", { timeZone: zone, dateStyle: "short" });
    const dateOf = (ms: number): string => dates.format(ms);
    const perDate = new Map<string, number>();
    for (const ms of times) perDate.set(dateOf(ms), (perDate.get(dateOf(ms)) ?? 0) + 1);
    const ask = async (
      grain: string,
    ): Promise<{ from: string; until: string; value: number }[]> => {
      const path = `/metrics/events?from=2019-01-01&until=2020-01-01&grain=${grain}&tz=${zone}`;
      const { status, body } = await api.get(path);
      assert.equal(status, 200, JSON.stringify(body));
      return body.points;
    };
    const days = await ask("day");
    assert.equal(days.length, 365, zone);
    const hours = new Set<number>();
    for (const [i, { from, until, value }] of days.entries()) {
      const [begin, end] = [Date.parse(from), Date.parse(until)];
      const date = new Date(Date.UTC(2019, 0, 1 + i)).toISOString().slice(0, 10);
      assert.deepEqual([dateOf(begin), dateOf(end - 1)], [date, date], zone);
      assert.ok(dateOf(begin - 1) < date && dateOf(end) > date, `${zone} ${date}`);
      assert.equal(value, perDate.get(date) ?? 0, `${zone} ${date}`);
      hours.add((end - begin) / HOUR_MS);
    }
    assert.deepEqual([...hours].sort(), [...new Set([24, ...lengths])].sort(), zone);
    for (const [grain, most] of [
      ["week", 53],
      ["month", 12],
      ["total", 1],
    ] as const) {
      const longer = await ask(grain);
      assert.equal(longer.length, most, `${zone} ${grain}`);
      for (const { from, until, value } of longer) {
        const inside = days.filter((d) => d.from >= from && d.until <= until);
        const told = inside.reduce((n, d) => n + d.value, 0);
        assert.equal(value, told, `${zone} ${grain} ${from}`);
        assert.deepEqual([inside[0]?.from, inside.at(-1)?.until], [from, until]);
        if (grain === "month") assert.match(dateOf(Date.parse(from)), /-01$/);
      }
    }
  }
});
