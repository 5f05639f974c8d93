// Presenting many windows in one pass is presenting each of them.
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  below,
  type EpochMs,
  type Estimate,
  HOUR_MS,
  perUser,
  seededRandom,
  sessions,
  type Window,
} from "../../src/index.ts";

test("presentEach gives for each window what presentBy gives for it alone", () => {
  const dims = ["country", "platform"];
  for (let seed = 1; seed <= 200; seed++) {
    const random = seededRandom(seed);
    const value = seed % 2 === 0 ? "started" : "length";
    const { exact } = perUser(sessions({ value })).inside?.(dims) ?? {};
    assert.ok(exact?.presentEach && exact.presentBy);
    let state = exact.zero;
    const events = below(random, 40);
    for (let n = 0; n < events; n++) {
      const timeMs = below(random, 8 * HOUR_MS);
      const [country = null] = [["US", "DE", null][below(random, 3)]];
      const item = {
        user: `u${below(random, 4)}`,
        timeMs,
        eventId: `e${n}`,
        dims: [country, "web"],
        marks: 0,
      };
      state = exact.plus(state, exact.append(exact.zero, item));
    }
    const windows: Window[] = [];
    for (let at = HOUR_MS; at < 7 * HOUR_MS; ) {
      const until = at + (1 + below(random, 4)) * (HOUR_MS / 2);
      windows.push({ from: at as EpochMs, until: until as EpochMs });
      at = until;
    }
    for (const by of [[], ["country"], ["platform", "country"]]) {
      const each: Map<string, Estimate>[] = exact.presentEach(state, windows, events, by);
      assert.equal(each.length, windows.length);
      for (const [i, window] of windows.entries()) {
        const context = { window, events };
        const alone: Map<string, Estimate> =
          by.length === 0
            ? new Map([["[]", exact.present(state, context)]])
            : exact.presentBy(state, context, by);
        assert.deepEqual(each[i], alone, `seed ${seed}`);
      }
    }
  }
});
