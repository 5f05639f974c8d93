// Adding, sampling and presenting states on their bytes gives what decoding, working and encoding gives, byte
// for byte; and mostly it can.
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { Estimate } from "../../src/algebra/estimate.ts";
import { type PerUserReducer, perUser } from "../../src/reducers/per-user.ts";
import type { PerUserShape } from "../../src/reducers/per-user-shape.ts";
import { sessions } from "../../src/reducers/sessions.ts";
import { timeBetween } from "../../src/reducers/time-between.ts";
import { columnsOf } from "../../src/testing/columns-of.ts";
import type { Window } from "../../src/time/calendar.ts";
import { HOUR_MS, MINUTE_MS } from "../../src/time/epoch-ms.ts";
import { DIMS, type UserEvent, userEvents } from "./user-events.ts";
import { windowOf } from "./windows.ts";

const SHAPES = {
  started: sessions(),
  length: sessions({ value: "length" }),
  bounces: sessions({ value: "bounces" }),
  "median length": sessions({ value: "length", q: 0.5 }),
  "time between": timeBetween({ withinMs: HOUR_MS }),
  "median time between": timeBetween({ withinMs: HOUR_MS, value: "quantile" }),
} as const;

const reducerOf = (value: keyof typeof SHAPES, sample: number) => {
  const shape = SHAPES[value] as PerUserShape<unknown>;
  const R = perUser(shape, { sample }).inside?.(DIMS) as PerUserReducer<unknown>;
  assert.ok(R?.encoded);
  const { exact, encoded } = R;
  const fold = (events: readonly UserEvent[]) => {
    const columns = columnsOf(events);
    const item = R.items(columns);
    return events.reduce((s, _, row) => exact.append(s, item(row) ?? null), exact.zero);
  };
  return { R, exact, encoded, fold };
};

test("plus on bytes is plus, and only texts that come or go need more", () => {
  const { exact, encoded, fold } = reducerOf("started", 5);
  let [done, left] = [0, 0];
  fc.assert(
    fc.property(userEvents(60), userEvents(8), (xs, ys) => {
      const [a, b] = [fold(xs), fold(ys)];
      const [before, whole] = [exact.encode(a), exact.encode(exact.plus(a, b))];
      const sum = encoded.plus(before, exact.encode(b));
      if (sum) {
        assert.deepEqual(sum, whole);
        done++;
      } else left++;
      assert.deepEqual(encoded.plus(whole, whole), whole, "what is there already adds nothing");
      assert.deepEqual(exact.encode(a), before, "inputs are left alone");
    }),
    { numRuns: 600 },
  );
  assert.ok(done > 100, `${done} of ${done + left}`);
});

test("a text that is gone with its interval is not left in the table", () => {
  const { exact, encoded, fold } = reducerOf("started", 5);
  const event = (timestamp: number, country: string, user_id = "u"): UserEvent => ({
    user_id,
    event_id: `${timestamp}`,
    timestamp,
    event_type: "view",
    properties: { country },
  });
  const a = fold([event(0, "DE"), event(HOUR_MS, "US"), event(0, "DE", "v")]);
  const b = fold([event(HOUR_MS / 2, "DE")]);
  assert.ok(
    [...exact.plus(a, b).users.values()].every((activity) => (activity as unknown[]).length === 1),
  );
  assert.equal(encoded.plus(exact.encode(a), exact.encode(b)), undefined);
});

test("the sample's bytes from the state's bytes, with fewer and more users than are kept", () => {
  const counts = { few: 0, many: 0 };
  for (const sample of [4, 5, 64]) {
    const { R, exact, encoded, fold } = reducerOf("length", sample);
    fc.assert(
      fc.property(userEvents(60), (xs) => {
        const state = fold(xs.map((e, i) => ({ ...e, user_id: `${e.user_id}${i % 8}` })));
        const made = encoded.toApprox(exact.encode(state));
        assert.deepEqual(made, R.approx.encode(R.toApprox(state)));
        counts[state.users.size > sample ? "many" : "few"]++;
      }),
      { numRuns: 200 },
    );
  }
  assert.ok(counts.few > 100 && counts.many > 100, JSON.stringify(counts));
});

/** What is shown of the hours' states on their bytes is what their sum shows. */
function shownAlike(
  { exact, encoded, fold }: ReturnType<typeof reducerOf>,
  events: readonly UserEvent[],
  lists: Window[][],
  sets: string[][],
): void {
  const hours = Map.groupBy(events, (e) => Math.floor(e.timestamp / HOUR_MS));
  const states = [...hours.values()].map(fold);
  const whole = states.reduce((a, b) => exact.plus(a, b), exact.zero);
  const each = encoded.presentEach?.(states.map(exact.encode), lists, sets);
  const sorted = (shown: Map<string, Estimate>) => new Map([...shown].sort());
  for (const [l, windows] of lists.entries())
    for (const [s, by] of sets.entries())
      assert.deepEqual(
        each?.[l]?.[s]?.map(sorted),
        exact.presentEach?.(whole, windows, events.length, by).map(sorted),
      );
}

test("many windows and sets, of states of different hours, as presentEach shows them of their sum", () => {
  const lists = [
    Array.from({ length: 8 }, (_, i) => windowOf((i - 4) * HOUR_MS, (i - 3) * HOUR_MS)),
    [windowOf(-4 * HOUR_MS, 0), windowOf(0, 4 * HOUR_MS)],
    [-120, -20, 0, 20].map((m) => windowOf(m * MINUTE_MS, (m + (m < -20 ? 100 : 20)) * MINUTE_MS)),
  ];
  const sets = [[], ["event_type"], ["properties.country"], ["properties.country", "event_type"]];
  for (const value of Object.keys(SHAPES) as (keyof typeof SHAPES)[]) {
    const reducer = reducerOf(value, 5);
    fc.assert(
      fc.property(userEvents(60), fc.boolean(), (drawn, ordered) => {
        const events = ordered ? drawn.toSorted((a, b) => a.timestamp - b.timestamp) : drawn;
        shownAlike(reducer, events, lists, sets);
      }),
      { numRuns: 200 },
    );
  }
});

test("hours in order, with gaps of just the length that does not end a session", () => {
  const lists = [
    [windowOf(0, 3 * HOUR_MS)],
    [windowOf(0, HOUR_MS), windowOf(HOUR_MS, 2 * HOUR_MS)],
  ];
  const sets = [[], ["properties.country"], ["event_type"]];
  const grid = fc.record({
    user: fc.nat(2),
    tenth: fc.nat(17),
    late: fc.nat(1),
    country: fc.nat(3),
  });
  for (const value of ["started", "length", "bounces"] as const) {
    const reducer = reducerOf(value, 5);
    fc.assert(
      fc.property(fc.array(grid, { maxLength: 25 }), (drawn) => {
        const events = drawn
          .map(({ user, tenth, late, country }, i): UserEvent => {
            const timestamp = tenth * 10 * MINUTE_MS + late;
            const properties = { country: country === 0 ? null : `country ${country}` };
            return {
              user_id: `u${user}`,
              event_id: `${i}`,
              timestamp,
              event_type: "view",
              properties,
            };
          })
          .sort((a, b) => a.timestamp - b.timestamp);
        shownAlike(reducer, events, lists, sets);
      }),
      { numRuns: 300 },
    );
  }
});

test("damaged order of users and bytes cut short are refused", () => {
  const { exact, encoded, fold } = reducerOf("started", 5);
  const event = (user_id: string): UserEvent => ({
    user_id,
    event_id: "e",
    timestamp: 0,
    event_type: "view",
    properties: { country: null },
  });
  const bytes = exact.encode(fold([event("a"), event("b")]));
  const text = (b: Uint8Array) => String.fromCharCode(...b);
  const swapped = bytes.slice();
  const [a, b] = [text(bytes).lastIndexOf("a"), text(bytes).lastIndexOf("b")];
  [swapped[a], swapped[b]] = [bytes[b] ?? 0, bytes[a] ?? 0];
  for (const wrong of [swapped, bytes.subarray(0, -1), Uint8Array.of(...bytes, 0)])
    for (const use of [
      () => encoded.toApprox(wrong),
      () => encoded.plus(wrong, bytes),
      () => encoded.presentEach?.([wrong], [], []),
    ])
      assert.throws(use, { code: "corrupt_bytes" });
});
