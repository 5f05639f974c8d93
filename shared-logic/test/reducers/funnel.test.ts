// Funnels mean what they should: against a search of all chains, in the cases of ClickHouse's own tests, and
// steps that never increase, in both layers.
import assert from "node:assert/strict";
import { test } from "node:test";
import { eventType } from "../../src/metrics/selector.ts";
import { below, type Random, seededRandom } from "../../src/ports/random.ts";
import { funnel } from "../../src/reducers/funnel.ts";
import { type FunnelRules, funnelLevel } from "../../src/reducers/funnel-level.ts";
import { unionMarked } from "../../src/reducers/marked-events.ts";
import type { MarkedEvents } from "../../src/reducers/marked-set.ts";
import { perUser } from "../../src/reducers/per-user.ts";
import { columnsOf, type PlainEvent } from "../../src/testing/columns-of.ts";
import { appendAll } from "../../src/testing/laws/fold-items.ts";
import { HOUR_MS } from "../../src/time/epoch-ms.ts";
import { windowOf } from "./windows.ts";

const RULES: FunnelRules = { steps: 3, windowMs: 40, strict: false, increasing: false };
const ALWAYS = windowOf(0, 1e6);

/** Letters at the moments 0, 10, 20, …: A is step 1; X is none; joined letters share a moment. */
const path = (text: string): MarkedEvents =>
  text.split(" ").flatMap((moment, i) =>
    [...moment]
      .map((letter) => ({
        timeMs: 10 * i,
        marks: letter === "X" ? 0 : 1 << "ABCD".indexOf(letter),
        dims: [],
      }))
      .sort((a, b) => a.marks - b.marks),
  );
const marked = (...events: readonly (readonly [timeMs: number, marks: number])[]): MarkedEvents =>
  events.map(([timeMs, marks]) => ({ timeMs, marks, dims: [] }));
const level = (text: string, rules: Partial<FunnelRules> = {}) =>
  funnelLevel(path(text), ALWAYS, { ...RULES, ...rules }).level;

test("steps are reached in order, within the window, whatever lies between", () => {
  assert.equal(level("A B C"), 3);
  assert.equal(level("C B A"), 1);
  assert.equal(level("B C"), 0);
  assert.equal(level("A X B X C"), 3);
  assert.equal(level("A X B X X C"), 2);
  assert.equal(level("A A B X X C"), 3, "the later start is in time");
  assert.equal(level("A C B"), 2);
});

test("events of one moment are taken in the order of the steps, but where steps must come later", () => {
  assert.equal(level("CBA"), 3);
  assert.equal(level("AB C"), 3);
  assert.equal(level("AB C", { increasing: true }), 1);
  assert.equal(level("A AB C", { increasing: true }), 3, "the earlier start still counts");
});

test("one event counts for every step it matches, but where steps must come later", () => {
  assert.equal(funnelLevel(marked([0, 3]), ALWAYS, RULES).level, 2);
  assert.equal(funnelLevel(marked([0, 7]), ALWAYS, RULES).level, 3);
  const later = { ...RULES, increasing: true };
  assert.equal(funnelLevel(marked([0, 3]), ALWAYS, later).level, 1);
  assert.equal(funnelLevel(marked([0, 3], [5, 3]), ALWAYS, later).level, 2);
});

test("of one moment, the numbers of the marks do not matter: 1 and 3, then 2, is a chain", () => {
  assert.equal(funnelLevel(marked([0, 2], [0, 5]), ALWAYS, RULES).level, 3);
  assert.equal(funnelLevel(marked([0, 1], [9, 2], [9, 5]), ALWAYS, RULES).level, 3);
});

test("in strict order all steps of a moment count before one of them disturbs", () => {
  const strict = { ...RULES, strict: true };
  assert.equal(funnelLevel(marked([0, 1], [5, 6]), ALWAYS, strict).level, 3);
  assert.equal(funnelLevel(marked([0, 5], [5, 2]), ALWAYS, strict).level, 1, "3 before 2");
  assert.equal(funnelLevel(marked([0, 0], [0, 1], [5, 2]), ALWAYS, strict).level, 2);
  const later = { ...strict, increasing: true };
  assert.equal(funnelLevel(marked([0, 0], [0, 1], [5, 2]), ALWAYS, later).level, 2);
  assert.equal(funnelLevel(marked([0, 1], [5, 6], [9, 4]), ALWAYS, later).level, 3);
});

test("in strict order another event ends the search: A, B, D, C stops at D", () => {
  const strict = { strict: true };
  assert.equal(level("A B X C", strict), 2);
  assert.equal(level("A X B C", strict), 1);
  assert.equal(level("A C B", strict), 1);
  assert.equal(level("X C A B C", strict), 3, "before the first step nothing disturbs");
  assert.equal(level("A A B C", strict), 3);
});

test("a chain starts inside the window and may end after it", () => {
  const at = (from: number, until: number) =>
    funnelLevel(path("A B C"), windowOf(from, until), RULES);
  assert.equal(at(0, 1).level, 3);
  assert.equal(at(1, 100).level, 0);
  assert.deepEqual([at(0, 1).lengthMs, at(0, 1).start?.timeMs], [20, 0]);
});

/** The most steps of any chain, by trying all of them. */
function searched(
  events: MarkedEvents,
  window: { from: number; until: number },
  r: FunnelRules,
): number {
  let best = 0;
  const walk = (step: number, startMs: number, lastMs: number): void => {
    best = Math.max(best, step);
    if (step === r.steps) return;
    for (const { timeMs, marks } of events) {
      if (((marks >> step) & 1) === 0) continue;
      if (step === 0) {
        if (timeMs >= window.from && timeMs < window.until) walk(1, timeMs, timeMs);
      } else if (
        (r.increasing ? timeMs > lastMs : timeMs >= lastMs) &&
        timeMs - startMs <= r.windowMs
      )
        walk(step + 1, startMs, timeMs);
    }
  };
  walk(0, 0, 0);
  return best;
}

/** Few moments share many events; each is one step, or any of them together. */
function generated(random: Random, least: number): MarkedEvents {
  const moments = 4 + below(random, 60);
  const overlap = below(random, 2) === 0;
  const drawn = Array.from({ length: below(random, 12) }, () => ({
    timeMs: below(random, moments),
    marks: overlap ? least + below(random, 8 - least) : 1 << below(random, 3),
    dims: [`${below(random, 3)}`],
  }));
  return drawn.reduce<MarkedEvents>((all, e) => unionMarked(all, [e]), []);
}

test("the level is that of the best chain, with steps that overlap and events of one moment", () => {
  const levels = new Map<number, number>();
  for (let seed = 1; seed <= 3000; seed++) {
    const random = seededRandom(seed);
    const events = generated(random, 1);
    const rules = { ...RULES, windowMs: 1 + below(random, 40), increasing: below(random, 2) === 0 };
    const window = windowOf(below(random, 20), 20 + below(random, 40));
    const got = funnelLevel(events, window, rules).level;
    assert.equal(got, searched(events, window, rules), `seed ${seed}`);
    levels.set(got, (levels.get(got) ?? 0) + 1);
  }
  for (const reached of [0, 1, 2, 3]) assert.ok((levels.get(reached) ?? 0) > 50, `${reached}`);
});

/** ClickHouse's getEventLevel with strict_order, over its list of (time, step): 0 for an event that is none. */
function strictly(events: MarkedEvents, r: FunnelRules): number {
  const list = events.flatMap(({ timeMs, marks }) =>
    marks === 0
      ? [[timeMs, 0] as const]
      : [1, 2, 3].filter((s) => (marks >> (s - 1)) & 1).map((s) => [timeMs, s] as const),
  );
  list.sort((a, b) => a[0] - b[0] || a[1] - b[1]);
  const seen = new Map<number, { first: number; last: number }>();
  const highest = (): number => Math.max(0, ...seen.keys());
  for (const [timeMs, step] of list) {
    const before = seen.get(step - 1);
    if (step === 0) {
      if (seen.has(1)) return highest();
    } else if (step === 1) seen.set(1, { first: timeMs, last: timeMs });
    else if (seen.has(1) && !before) return highest();
    else if (before && timeMs <= before.first + r.windowMs)
      if (!r.increasing || before.last < timeMs)
        seen.set(step, { first: before.first, last: timeMs });
  }
  return highest();
}

test("in strict order the level is that of ClickHouse's search", () => {
  const levels = new Map<number, number>();
  for (let seed = 1; seed <= 3000; seed++) {
    const random = seededRandom(seed);
    const rules = { ...RULES, strict: true, windowMs: 1 + below(random, 40) };
    const events = generated(random, 0);
    const got = funnelLevel(events, ALWAYS, rules).level;
    assert.equal(got, strictly(events, rules), `seed ${seed}`);
    levels.set(got, (levels.get(got) ?? 0) + 1);
  }
  for (const reached of [0, 1, 2, 3]) assert.ok((levels.get(reached) ?? 0) > 50, `${reached}`);
});

test("steps never increase, exactly and in a sample, in any group", () => {
  const steps = [eventType("view"), eventType("cart"), eventType("purchase")];
  for (const value of ["users", "rate"] as const) {
    const reducer = perUser(funnel({ steps, windowMs: HOUR_MS, value }), { sample: 16 }).inside?.([
      "step",
      "properties.country",
    ]);
    assert.ok(reducer);
    for (let seed = 1; seed <= 20; seed++) {
      const random = seededRandom(seed);
      const events: PlainEvent[] = Array.from({ length: 200 }, (_, i) => ({
        event_id: `${i}`,
        event_type: ["view", "view", "cart", "purchase"][below(random, 4)],
        timestamp: below(random, 3 * HOUR_MS),
        user_id: `${below(random, 60)}`,
        properties: { country: ["DE", "US"][below(random, 2)] },
      }));
      const item = reducer.items(columnsOf(events));
      const items = events.map((_, row) => item(row) ?? null);
      const context = { window: windowOf(0, 2 * HOUR_MS), events: events.length };
      for (const algebra of [reducer.exact, reducer.approx] as const) {
        const shown = algebra.presentBy?.(
          appendAll(algebra as typeof reducer.exact, items) as never,
          context,
          ["step", "properties.country"],
        );
        for (const country of ["DE", "US"]) {
          const of = ["1", "2", "3"].map((step) => shown?.get(JSON.stringify([step, country])));
          for (let i = 1; i < 3; i++)
            for (const end of ["low", "value", "high"] as const)
              assert.ok(
                (of[i]?.[end]?.units ?? 0n) <= (of[i - 1]?.[end]?.units ?? 0n),
                `seed ${seed}, ${country}, step ${i + 1}, ${end}`,
              );
        }
      }
    }
  }
});
