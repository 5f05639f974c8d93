// What `make bench-check` fails by, and what it does not: planted changes of stored figures, both ways.
import assert from "node:assert/strict";
import { test } from "node:test";
import { GOALS, type Goal, type GoalKey, type Measured } from "../../bench/goals.ts";
import { goalFigure } from "../../bench/measured.ts";
import { regressions } from "../../bench/regressions.ts";
import { readResults } from "../../bench/results.ts";

const HIGHER = "S4-282B";
const LOWER = "Q1";

const of = (key: GoalKey, ...runs: readonly number[]): Measured =>
  goalFigure("row", key, { ours: 1, peer: 1, runs }).measured ?? assert.fail();

const fails = (was: Measured, now: Measured): boolean => regressions([was], [now]).length > 0;

test("what is told names the figure, both ratios and how much worse it is", () => {
  const [line, ...more] = regressions([of(HIGHER, 2.5, 2.5)], [of(HIGHER, 2, 2)]);
  assert.match(line ?? "", /^S4 speed loop.*: 2 after 2.5, 25 % worse, noise 10 %$/);
  assert.deepEqual(more, []);
  assert.match(
    regressions([of(LOWER, 2)], [of(LOWER, 2.5)])[0] ?? "",
    /^Q1 .*: 2.5 after 2, 25 % worse, noise 20 %$/,
  );
});

test("rounds that agree are known to a tenth, either way", () => {
  const runs = [2, 2, 2];
  for (const factor of [0.5, 1, 1.09, 1.11, 1.25, 9]) {
    const told = factor > 1.1;
    assert.equal(fails(of(LOWER, ...runs), of(LOWER, ...runs.map((x) => x * factor))), told);
    assert.equal(fails(of(HIGHER, ...runs), of(HIGHER, ...runs.map((x) => x / factor))), told);
  }
});

test("one round, on either side, is known to a fifth", () => {
  const [one, three] = [[2], [2, 2, 2]];
  for (const [was, now] of [[one, one] as const, [one, three] as const, [three, one] as const]) {
    for (const factor of [1.19, 1.21]) {
      const told = factor > 1.2;
      assert.equal(fails(of(LOWER, ...was), of(LOWER, ...now.map((x) => x * factor))), told);
      assert.equal(fails(of(HIGHER, ...was), of(HIGHER, ...now.map((x) => x / factor))), told);
    }
  }
});

test("rounds that scatter excuse half of what they scatter by, those of both figures", () => {
  const [calm, wide] = [of(HIGHER, 2, 2, 2), of(HIGHER, 1.75, 2, 2.25)];
  assert.equal(fails(wide, of(HIGHER, 1.8, 1.8, 1.8)), false);
  assert.equal(fails(calm, of(HIGHER, 1.8, 1.8, 1.8)), true);
  assert.equal(fails(calm, of(HIGHER, 1.5, 1.8, 2.1)), false);
  assert.equal(fails(of(LOWER, 1.75, 2, 2.25), of(LOWER, 2.28, 2.28)), true);
});

test("a quarter is told of every figure, whatever its rounds scatter by", () => {
  for (const was of [[2], [1, 2, 3], [0.1, 2, 40], [2, 2]]) {
    for (const now of [[2], [1, 2, 3], [0.1, 2, 40], [2, 2]]) {
      assert.equal(fails(of(LOWER, ...was), of(LOWER, ...now.map((x) => x * 1.25))), true);
      assert.equal(fails(of(HIGHER, ...was), of(HIGHER, ...now.map((x) => x / 1.25))), true);
      assert.equal(fails(of(HIGHER, ...was), of(HIGHER, ...now.map((x) => x * 0.75))), true);
    }
  }
});

test("a quarter is told of each of the figures that are stored, and nothing of themselves", async () => {
  const stored = await readResults();
  assert.deepEqual(regressions(stored, stored), []);
  const goals = new Map(Object.values<Goal>(GOALS).map((g) => [g.measure, g]));
  const worse = stored.map((m) => {
    const least = goals.get(m.measure)?.least;
    const by = (x: number) => (least ? x + Math.abs(x) / 4 + 1e-9 : x * 0.75);
    return { ...m, ratio: by(m.ratio), runs: m.runs.map(by) };
  });
  assert.equal(regressions(stored, worse).length, stored.length);
});

test("below and at nothing, less is still better", () => {
  assert.equal(fails(of("B3", -10), of("B3", -20)), false);
  assert.equal(fails(of("B3", -10), of("B3", -7)), true);
  assert.equal(fails(of("B3", -10), of("B3", 10)), true);
  assert.equal(fails(of("G1-views", 0), of("G1-views", 0)), false);
  assert.equal(fails(of("G1-views", 0, 0), of("G1-views", 0, 0)), false);
  assert.equal(fails(of("G1-views", 0), of("G1-views", 0.01)), true);
  assert.equal(fails(of(HIGHER, 2), of(HIGHER, 0)), true);
});

test("rows that were not run are not judged", () => {
  const stored = [of(HIGHER, 2), of(LOWER, 2), of("B2", 3)];
  assert.deepEqual(regressions(stored, []), []);
  assert.deepEqual(regressions(stored, [of("B2", 3)]), []);
  assert.equal(regressions(stored, [of("B2", 1)]).length, 1);
});

test("a measure that is new, or has another name than what is stored, does not pass unseen", () => {
  const stored = [{ ...of(HIGHER, 2), measure: "as it was called" }, of(LOWER, 2)];
  const [line, ...more] = regressions(stored, [of(HIGHER, 2), of(LOWER, 2)]);
  assert.match(line ?? "", /^S4 speed loop.*: nothing is stored to compare with$/);
  assert.deepEqual(more, []);
  assert.equal(regressions([], [of(LOWER, 2)]).length, 1);
});

test("what is no number, or came as null from the row's process, does not pass", () => {
  const none = JSON.parse(JSON.stringify(of(LOWER, Number.NaN))) as Measured;
  for (const bad of [none, of(LOWER, Number.NaN), of(LOWER, 2, Number.POSITIVE_INFINITY)]) {
    assert.equal(fails(of(LOWER, 2), bad), true);
    assert.equal(fails(bad, of(LOWER, 2)), true);
  }
});
