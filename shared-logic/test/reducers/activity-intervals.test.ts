// The set of activity intervals is a function of the set of events; moving an end in place is union
// with one event, wherever it is done at all.
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import {
  type Activity,
  type ActivityInterval,
  extendActivity,
  unionActivity,
} from "../../src/reducers/activity-intervals.ts";

const GAP_MS = 3;
const event = (timeMs: number, id = "e"): ActivityInterval => ({
  startMs: timeMs,
  endMs: timeMs,
  eventId: id,
  dims: [id],
});
const union = (a: Activity, b: Activity): Activity => unionActivity(a, b, GAP_MS);
const events = fc.array(
  fc.tuple(fc.integer({ min: 0, max: 40 }), fc.constantFrom("a", "b", "\u{FFFD}", "\u{1F600}")),
  { maxLength: 12 },
);
const activityOf = (list: readonly (readonly [number, string])[]): Activity =>
  list.reduce((a: Activity, [timeMs, id]) => union(a, [event(timeMs, id)]), []);

test("union is idempotent, associative and commutative", () => {
  fc.assert(
    fc.property(events, events, events, (xs, ys, zs) => {
      const [a, b, c] = [activityOf(xs), activityOf(ys), activityOf(zs)];
      assert.deepEqual(union(a, b), union(b, a));
      assert.deepEqual(union(a, union(b, c)), union(union(a, b), c));
      assert.deepEqual(union(a, a), a);
      assert.deepEqual(union(a, b), activityOf([...ys, ...xs]));
      for (const [i, { startMs }] of a.entries()) {
        if (i > 0) assert.ok(startMs - (a[i - 1]?.endMs ?? 0) > GAP_MS);
      }
    }),
    { numRuns: 500 },
  );
});

test("an end moved in place is union with that event, or nothing was done", () => {
  let moved = 0;
  fc.assert(
    fc.property(events, fc.integer({ min: 0, max: 44 }), (xs, timeMs) => {
      const before = activityOf(xs);
      const after = structuredClone(before);
      const done = extendActivity(after, timeMs, GAP_MS);
      if (done) moved++;
      // The id is the lowest there is: a tie at a start would show.
      assert.deepEqual(after, done ? union(before, [event(timeMs, "")]) : before);
    }),
    { numRuns: 1000 },
  );
  assert.ok(moved > 50, `only ${moved} moved`);
});
