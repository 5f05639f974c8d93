// Sessions mean what they should: against an oracle that sorts each user's events and walks them.
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { formatDecimal } from "../../src/algebra/decimal.ts";
import { perUser } from "../../src/reducers/per-user.ts";
import { type SessionsOptions, sessions } from "../../src/reducers/sessions.ts";
import { columnsOf } from "../../src/testing/columns-of.ts";
import { DAY_MS, HOUR_MS, MINUTE_MS } from "../../src/time/epoch-ms.ts";
import { DIMS, type UserEvent, userEvents, WINDOW } from "./user-events.ts";
import { windowOf } from "./windows.ts";

const GAP_MS = 30 * MINUTE_MS;

function answer(events: readonly object[], options: SessionsOptions, window = windowOf(0, DAY_MS)) {
  const reducer = perUser(sessions(options)).inside?.(DIMS);
  assert.ok(reducer);
  const columns = columnsOf(events as UserEvent[]);
  const item = reducer.items(columns);
  let state = reducer.exact.zero;
  for (let row = 0; row < columns.count; row++) {
    const it = item(row);
    assert.notEqual(it, undefined, "no event is skipped");
    if (it !== undefined) state = reducer.exact.append(state, it);
  }
  const context = { window, events: events.length };
  const total = reducer.exact.present(state, context);
  assert.deepEqual([total.low, total.high, total.confidence], [total.value, total.value, 1]);
  const text = (v: typeof total.value) => (v === null ? null : formatDecimal(v));
  const groups = reducer.exact.presentBy?.(state, context, ["properties.country"]);
  assert.ok(groups);
  return {
    total: text(total.value),
    byCountry: Object.fromEntries([...groups].map(([g, e]) => [g, text(e.value)])),
  };
}

const at = (minute: number, user_id: string | undefined = "u", more: object = {}) => ({
  timestamp: minute * MINUTE_MS,
  ...(user_id === "" ? {} : { user_id }),
  ...more,
});

test("a gap of exactly 30 minutes does not end a session, one more millisecond does", () => {
  assert.equal(answer([at(0), at(30)], {}).total, "1");
  assert.equal(answer([at(0), { ...at(30), timestamp: GAP_MS + 1 }], {}).total, "2");
});

test("events without a user start no session", () => {
  assert.equal(answer([at(0, ""), at(90, "")], {}).total, "0");
});

test("a session counts where it starts", () => {
  const night = [at(-10), at(10), at(70)];
  assert.equal(answer(night, {}).total, "1");
  assert.equal(answer(night, {}, windowOf(-DAY_MS, 0)).total, "1");
});

test("a session has the dimensions of its first event, ties by the id's bytes", () => {
  const of = (country: string, event_id: string, minute = 0) =>
    at(minute, "u", { event_id, properties: { country } });
  assert.deepEqual(answer([of("US", "b"), of("DE", "a"), of("FR", "A", 5)], {}).byCountry, {
    '["DE"]': "1",
  });
  // As UTF-16 the first is the smaller.
  assert.deepEqual(answer([of("US", "\u{1F600}"), of("DE", "\u{FFFD}")], {}).byCountry, {
    '["DE"]': "1",
  });
});

test("mean length: half to even, cut at the most, null of nothing", () => {
  const ms = (timestamp: number, user_id: string) => ({ timestamp, user_id });
  assert.equal(answer([], { value: "length" }).total, null);
  assert.equal(answer([at(0), at(20), at(5, "v")], { value: "length" }).total, "600");
  assert.equal(answer([ms(0, "u"), ms(5, "u")], { value: "length", digits: 2 }).total, "0");
  assert.equal(answer([ms(0, "u"), ms(15, "u")], { value: "length", digits: 2 }).total, "0.02");
  const long = Array.from({ length: 60 }, (_, i) => at(25 * i));
  assert.equal(answer(long, { value: "length" }).total, "86400");
  assert.equal(answer(long, { value: "length", maxLengthMs: HOUR_MS }).total, "3600");
});

/** Several events per user close together, further than the cut and beyond the window's end. */
const chain = Array.from({ length: 9 }, (_, i) => ({
  user_id: "u",
  event_id: `e${i}`,
  event_type: "view",
  timestamp: WINDOW.until - 1 + 25 * i * MINUTE_MS,
  properties: { country: null },
}));

test("what a window needs of its neighbours is its reach, and no more changes the answer", () => {
  fc.assert(
    fc.property(userEvents(60), fc.constantFrom("started", "length"), (events, value) => {
      const options = { value, maxLengthMs: 2 * HOUR_MS, gapMs: GAP_MS } as const;
      const { beforeMs, afterMs } = sessions(options).reach;
      const near = events.filter(
        ({ timestamp: t }) => t >= WINDOW.from - beforeMs && t < WINDOW.until + afterMs,
      );
      assert.deepEqual(answer(near, options, WINDOW), answer(events, options, WINDOW));
    }),
    { examples: [[chain, "length"]] },
  );
});

function oracle(events: readonly UserEvent[], maxLengthMs: number) {
  const lengths = new Map<string | null, number[]>();
  for (const user of new Set(events.map((e) => e.user_id))) {
    if (user === undefined || user === "") continue;
    const own = events
      .filter((e) => e.user_id === user)
      .sort(
        (a, b) =>
          a.timestamp - b.timestamp ||
          Buffer.compare(Buffer.from(a.event_id), Buffer.from(b.event_id)),
      );
    let first: UserEvent | undefined;
    let last = Number.NEGATIVE_INFINITY;
    const close = () => {
      if (first && first.timestamp >= WINDOW.from && first.timestamp < WINDOW.until) {
        const { country } = first.properties;
        const list = lengths.get(country) ?? [];
        lengths.set(country, [...list, Math.min(maxLengthMs, last - first.timestamp)]);
      }
    };
    for (const e of own) {
      if (e.timestamp - last > GAP_MS) {
        close();
        first = e;
      }
      last = e.timestamp;
    }
    close();
  }
  return lengths;
}

/** Whole milliseconds per session, so that rounding is not what is tested. */
const meanMs = (lengths: readonly number[]): string => {
  const sum = lengths.reduce((a, b) => a + b, 0);
  return (sum / lengths.length / 1000).toFixed(3);
};

test("both values are the oracle's, in total and by dimension", () => {
  fc.assert(
    fc.property(userEvents(80), (raw) => {
      // Equal ids at equal times would leave the first event open.
      const events = raw.map((e, i) => ({
        ...e,
        event_id: e.event_id + String(i).padStart(3, "0"),
      }));
      const truth = oracle(events, 2 * HOUR_MS);
      const started = answer(events, {}, WINDOW);
      assert.equal(started.total, String([...truth.values()].flat().length));
      assert.deepEqual(
        started.byCountry,
        Object.fromEntries([...truth].map(([c, l]) => [JSON.stringify([c]), String(l.length)])),
      );
      const length = answer(events, { value: "length", maxLengthMs: 2 * HOUR_MS }, WINDOW);
      for (const [country, lengths] of truth) {
        const got = Number(length.byCountry[JSON.stringify([country])]);
        assert.ok(Math.abs(got - Number(meanMs(lengths))) < 0.0011);
      }
    }),
  );
});
