// Lists of windows that were cut before: the same object for the same question, and never another's.
import assert from "node:assert/strict";
import { test } from "node:test";
import { DAY_MS, type EpochMs, type Grain } from "@tandem/shared-logic";
import { KnownWindows } from "../../src/query/known-windows.ts";
import { timeZone } from "../../src/query/time-zone.ts";
import { windowsOf } from "../../src/query/windows.ts";

test("are what cutting gives, and the same list again", () => {
  const known = new KnownWindows();
  const until = (10 * DAY_MS) as EpochMs;
  for (const _ of [1, 2])
    for (const from of [0, DAY_MS] as EpochMs[])
      for (const grain of ["hour", "day", "week"] as Grain[])
        for (const name of ["UTC", "Europe/Berlin"])
          for (const most of [3, 1000]) {
            const zone = timeZone(name);
            if (!zone) throw new Error(`no zone ${name}`);
            const list = known.of(from, until, grain, zone, most);
            assert.deepEqual(list, windowsOf(from, until, grain, zone, most));
            assert.equal(known.of(from, until, grain, zone, most), list);
          }
});
