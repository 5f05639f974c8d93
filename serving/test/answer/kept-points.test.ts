// Points of windows that were not made anew are not written anew, whatever else has changed around them; and what is
// said of lists of windows is what is said of all their windows.
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  type AnswerPoint,
  below,
  type EpochMs,
  type Random,
  seededRandom,
  type UtcDay,
  type WindowPoints,
} from "@tandem/shared-logic";
import { KeptPoints } from "../../src/answer/kept-points.ts";
import { spanSums, sumUp } from "../../src/answer/window-sums.ts";

const SEEDS = 200;
const ROUNDS = 6;
const WHYS = [undefined, undefined, "a", "b"];

const window = (random: Random, n: number): WindowPoints => ({
  window: { from: n as EpochMs, until: (n + 1) as EpochMs },
  missing: WHYS[below(random, WHYS.length)],
  points: [],
  lag: below(random, 50) === 0,
  torn: new Set(below(random, 20) === 0 ? [below(random, 3)] : []),
  capped: below(random, 50) === 0,
  suspected: below(random, 3),
  unchecked: below(random, 3),
  skipped: below(random, 3),
  aboveRuns: new Map(below(random, 3) === 0 ? [[below(random, 2) as UtcDay, 1 + n]] : []),
});

const list = (random: Random, at: number): readonly WindowPoints[] =>
  Array.from({ length: below(random, 5) }, (_, n) => window(random, at + n));

test(`${SEEDS} questions asked again and again: each list's points, written once`, () => {
  for (let seed = 1; seed <= SEEDS; seed++) {
    const random = seededRandom(seed);
    const points = new KeptPoints();
    const written = new Map<WindowPoints, readonly AnswerPoint[]>();
    let spans = Array.from({ length: below(random, 60) }, (_, i) => list(random, 5 * i));
    let gone = 0;
    let [last, known, lastKnown]: [typeof spans, boolean, boolean] = [[], true, true];
    for (let round = 0; round < ROUNDS; round++) {
      const anew = new Set<WindowPoints>();
      const found = points.of(spans, known, (w) => {
        anew.add(w);
        written.set(
          w,
          Array.from({ length: below(random, 4) }, () => ({}) as AnswerPoint),
        );
        return written.get(w)!;
      });
      const shown = found.flatMap((span) => span.points);
      const must = spans.flat().flatMap((w) => written.get(w)!);
      assert.equal(shown.length, must.length, `seed ${seed}`);
      assert.ok(
        shown.every((point, i) => point === must[i]),
        `seed ${seed}, round ${round}`,
      );
      assert.deepEqual(
        sumUp(found.map(({ sums }) => sums)),
        spanSums(spans.flat()),
        `seed ${seed}`,
      );
      const kept: boolean = round > 0 && known === lastKnown;
      const before: ReadonlySet<WindowPoints> = new Set(kept ? last.flat() : []);
      for (const w of spans.flat())
        assert.equal(anew.has(w), !before.has(w), "once, but where `known` changed");
      [last, lastKnown] = [spans, known];
      const most = below(random, 2) === 0 ? 3 : 30;
      spans = spans.map((windows, i) => {
        if (below(random, most) > 0) return windows;
        const other = list(random, 5 * (gone + i));
        return below(random, 2) === 0
          ? other
          : windows.map((w, n) => (below(random, 3) > 0 ? w : (other[n] ?? w)));
      });
      if (below(random, 4) === 0) {
        spans = spans.slice(1);
        gone++;
      }
      if (below(random, 5) === 0) known = !known;
    }
  }
});
