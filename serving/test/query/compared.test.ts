// Days of 23, 24, 25 and 23.5 hours, and windows of before that stand beside those of now by the calendar.
import assert from "node:assert/strict";
import { test } from "node:test";
import { DAY_MS, epochMs, type Grain, HOUR_MS } from "@tandem/shared-logic";
import { comparedWindows } from "../../src/query/compared.ts";
import { momentOf, timeZone } from "../../src/query/time-zone.ts";
import { windowsOf } from "../../src/query/windows.ts";

const ZONES = [
  "UTC",
  "Europe/Berlin",
  "Europe/London",
  "America/New_York",
  "America/Sao_Paulo",
  "America/St_Johns",
  "Australia/Lord_Howe",
  "Australia/Adelaide",
  "Asia/Kolkata",
  "Asia/Kathmandu",
  "Pacific/Chatham",
  "Africa/Casablanca",
  "Pacific/Apia",
];
const zoneOf = (name: string) => {
  const zone = timeZone(name);
  assert.ok(zone, name);
  return zone;
};
const day = (text: string) => Date.parse(`${text}T00:00:00Z`);

test("every day of a year, in each of a dozen zones, begins when its clock says so", () => {
  const lengths = new Set<number>();
  for (const name of ZONES) {
    const zone = zoneOf(name);
    const clock = new Intl.DateTimeFormat("en-CA", {
      timeZone: name,
      dateStyle: "short",
      timeStyle: "medium",
      hourCycle: "h23",
    });
    const [from, until] = [momentOf(zone, day("2019-01-01")), momentOf(zone, day("2020-01-01"))];
    const days = [...windowsOf(from, until, "day", zone)];
    assert.equal(days.length, 365, name);
    let at: number = from;
    for (const [i, w] of days.entries()) {
      assert.equal(w.from, at);
      at = w.until;
      lengths.add((w.until - w.from) / HOUR_MS);
      const [date, time] = clock.format(w.from).split(", ");
      assert.equal(date, new Date(day("2019-01-01") + i * DAY_MS).toISOString().slice(0, 10));
      // Where a zone leaves midnight out, its day begins after it.
      assert.ok(time === "00:00:00" || time === "01:00:00", `${name} ${date} ${time}`);
    }
    assert.equal(at, until);
    const hours = [...windowsOf(from, until, "hour", zone)];
    assert.ok(hours.every((w) => w.until - w.from <= HOUR_MS));
    assert.equal(
      hours.reduce((n, w) => n + w.until - w.from, 0),
      until - from,
    );
  }
  assert.deepEqual(
    [...lengths].sort((a, b) => a - b),
    [23, 23.5, 24, 24.5, 25],
  );
});

function beside(
  zoneName: string,
  from: string,
  until: string,
  to: "previous_period" | "previous_year",
  grain: Grain,
) {
  const zone = zoneOf(zoneName);
  const [a, b] = [momentOf(zone, day(from)), momentOf(zone, day(until))];
  const local = (at: number) => new Date(at + zone.offsetMs(at)).toISOString().slice(0, 16);
  return comparedWindows([...windowsOf(a, b, grain, zone)], to, grain, zone).map((w) =>
    [w.from, w.until, w.beside.from].map(local),
  );
}

test("a period before: months move by months, days by days, on the clock of the zone", () => {
  assert.deepEqual(
    beside("Europe/Berlin", "2019-03-01", "2019-05-01", "previous_period", "month"),
    [
      ["2019-01-01T00:00", "2019-02-01T00:00", "2019-03-01T00:00"],
      ["2019-02-01T00:00", "2019-03-01T00:00", "2019-04-01T00:00"],
    ],
  );
  assert.deepEqual(beside("Europe/Berlin", "2019-03-31", "2019-04-01", "previous_period", "day"), [
    ["2019-03-30T00:00", "2019-03-31T00:00", "2019-03-31T00:00"],
  ]);
});

test("a year before: the same dates, the 28th for the 29th of February; weeks stay weeks", () => {
  assert.deepEqual(beside("UTC", "2020-02-28", "2020-03-01", "previous_year", "day"), [
    ["2019-02-28T00:00", "2019-03-01T00:00", "2020-02-29T00:00"],
  ]);
  assert.deepEqual(
    beside("America/New_York", "2020-03-02", "2020-03-09", "previous_year", "week"),
    [["2019-03-04T00:00", "2019-03-11T00:00", "2020-03-02T00:00"]],
  );
});

test("windows of before never overlap, in any zone, at any grain", () => {
  for (const name of ZONES) {
    const zone = zoneOf(name);
    for (const grain of ["hour", "day", "week", "month"] as const)
      for (const to of ["previous_period", "previous_year"] as const) {
        const [a, b] = [momentOf(zone, day("2019-03-20")), momentOf(zone, day("2019-04-20"))];
        const windows = comparedWindows([...windowsOf(a, b, grain, zone)], to, grain, zone);
        assert.ok(windows.length > 0);
        for (const [i, w] of windows.entries()) {
          assert.ok(w.from < w.until && w.from >= (windows[i - 1]?.until ?? epochMs(0)));
          assert.ok(w.until <= w.beside.until);
        }
      }
  }
});
