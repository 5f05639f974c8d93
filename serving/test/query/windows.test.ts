// Windows make up the range on any clock, and begin where the clock says.
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  DAY_MS,
  epochMs,
  formatInstant,
  type Grain,
  HOUR_MS,
  MINUTE_MS,
} from "@tandem/shared-logic";
import fc from "fast-check";
import { type TimeZone, timeZone } from "../../src/query/time-zone.ts";
import { windowsOf } from "../../src/query/windows.ts";

const zoned = (name: string): TimeZone => {
  const zone = timeZone(name);
  assert.ok(zone, name);
  return zone;
};
const ZONES = [
  "UTC",
  "Europe/Berlin",
  "America/New_York",
  "America/Havana", // changes at midnight, so that an hour of a day comes twice
  "America/Sao_Paulo", // its clock went from 24:00 to 01:00
  "Asia/Kolkata",
  "Asia/Kathmandu",
  "Australia/Lord_Howe", // changes by half an hour
  "Pacific/Apia", // left out 2011-12-30
].map(zoned);
const GRAINS: readonly Grain[] = ["minute", "hour", "day", "week", "month", "total"];
const at = (text: string) => epochMs(Date.parse(text));
const shown = (from: string, until: string, grain: Grain, zone: string): string[] =>
  [...windowsOf(at(from), at(until), grain, zoned(zone))].map((w) => formatInstant(w.from));

test("windows are in order, without gap or overlap, never empty, and make up the range", () => {
  const lengths = {
    minute: 2 * HOUR_MS,
    hour: 4 * DAY_MS,
    day: 60 * DAY_MS,
    week: 400 * DAY_MS,
    month: 900 * DAY_MS,
    total: DAY_MS,
  };
  let tried = 0;
  fc.assert(
    fc.property(
      fc.constantFrom(...ZONES),
      fc.constantFrom(...GRAINS),
      fc.integer({ min: at("2000-01-01"), max: at("2030-01-01") }),
      fc.double({ min: 0, max: 1, noNaN: true }),
      (zone, grain, start, share) => {
        const from = epochMs(Math.floor(start / MINUTE_MS) * MINUTE_MS);
        const until = epochMs(
          from + MINUTE_MS + Math.floor((share * lengths[grain]) / MINUTE_MS) * MINUTE_MS,
        );
        let end = from;
        for (const w of windowsOf(from, until, grain, zone)) {
          assert.equal(w.from, end);
          assert.ok(w.until > w.from);
          end = w.until;
          tried++;
          if (w.until === until || grain === "total") continue;
          const wall = w.until + zone.offsetMs(w.until);
          const size = grain === "minute" ? MINUTE_MS : HOUR_MS;
          if (grain === "minute" || grain === "hour") assert.equal(wall % size, 0);
          else assert.notEqual(wallDay(zone, w.until), wallDay(zone, w.until - 1), "a day begins");
        }
        assert.equal(end, until);
      },
    ),
    { numRuns: 300 },
  );
  assert.ok(tried > 1000, `${tried} windows`);
});

const wallDay = (zone: TimeZone, ms: number): number =>
  Math.floor((ms + zone.offsetMs(ms)) / DAY_MS);

test("a day of a clock change has 23 or 25 hours", () => {
  const hours = (day: string, next: string) =>
    [...windowsOf(at(day), at(next), "hour", zoned("Europe/Berlin"))].length;
  assert.equal(hours("2019-03-30T23:00:00Z", "2019-03-31T22:00:00Z"), 23);
  assert.equal(hours("2019-10-26T22:00:00Z", "2019-10-27T23:00:00Z"), 25);
  assert.deepEqual(shown("2019-10-26T22:00:00Z", "2019-10-28T23:00:00Z", "day", "Europe/Berlin"), [
    "2019-10-26T22:00:00Z",
    "2019-10-27T23:00:00Z",
  ]);
});

test("midnight that comes twice begins the day the first time; one skipped begins with the change", () => {
  assert.deepEqual(shown("2019-11-02T04:00:00Z", "2019-11-04T05:00:00Z", "day", "America/Havana"), [
    "2019-11-02T04:00:00Z",
    "2019-11-03T04:00:00Z",
  ]);
  assert.deepEqual(
    shown("2018-11-03T03:00:00Z", "2018-11-05T02:00:00Z", "day", "America/Sao_Paulo"),
    ["2018-11-03T03:00:00Z", "2018-11-04T03:00:00Z"],
  );
});

test("a day that a zone left out has no window", () => {
  assert.deepEqual(shown("2011-12-29T10:00:00Z", "2011-12-31T10:00:00Z", "day", "Pacific/Apia"), [
    "2011-12-29T10:00:00Z",
    "2011-12-30T10:00:00Z",
  ]);
});

test("weeks begin on Monday, months on the first; both ends are cut to the range", () => {
  assert.deepEqual(shown("2019-10-02", "2019-10-15", "week", "UTC"), [
    "2019-10-02T00:00:00Z",
    "2019-10-07T00:00:00Z",
    "2019-10-14T00:00:00Z",
  ]);
  assert.deepEqual(shown("2019-10-31", "2019-12-01", "month", "America/New_York"), [
    "2019-10-31T00:00:00Z",
    "2019-11-01T04:00:00Z",
  ]);
});
