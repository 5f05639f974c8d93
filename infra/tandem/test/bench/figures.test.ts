// What is kept of the benchmark: its figures, and those stored.
import assert from "node:assert/strict";
import { test } from "node:test";
import { GOALS, type Goal, type GoalKey, type Measured } from "../../bench/goals.ts";
import { goalFigure, joined } from "../../bench/measured.ts";
import { readResults } from "../../bench/results.ts";

const taken = (key: GoalKey, runs: readonly number[], peer?: number): Measured => {
  const figure = goalFigure("row", key, { ours: 1, runs, ...(peer === undefined ? {} : { peer }) });
  return figure.measured ?? assert.fail();
};

test("a goal is met by the median, from above or from below", () => {
  assert.equal(taken("S4-282B", [1, 2.5, 9], 1).ok, true);
  assert.equal(taken("S4-282B", [1, 2.4, 9], 1).ok, false);
  assert.equal(taken("Q1", [1, 1.5, 9], 1).ok, true);
  assert.equal(taken("Q1", [1, 1.6, 9], 1).ok, false);
});

test("new figures take the place of the old ones of their measure", () => {
  const [old, other, now] = [taken("B2", [1], 1), taken("B3", [60]), taken("B2", [2], 1)];
  assert.deepEqual(joined([other, old], [now]), [now, other]);
});

test("what is stored is of the goals as they are", async () => {
  const goals = new Map(Object.values<Goal>(GOALS).map((g) => [g.measure, g]));
  assert.equal(goals.size, Object.keys(GOALS).length);
  const stored = await readResults();
  assert.ok(stored.length > 0);
  for (const { id, measure, must, aim, ratio, ok, runs } of stored) {
    const goal = goals.get(measure) ?? assert.fail(measure);
    assert.deepEqual({ id, must, aim }, { id: goal.id, must: goal.must, aim: goal.aim });
    assert.equal(ok, goal.least ? ratio <= must : ratio >= must, measure);
    assert.ok(runs.length > 0);
  }
});
