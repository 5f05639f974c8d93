// Points of windows that were not made anew are not written anew, whatever else has changed around them.
import assert from "node:assert/strict";
import { test } from "node:test";
import { type AnswerPoint, below, seededRandom, type WindowPoints } from "@tandem/shared-logic";
import { KeptPoints } from "../../src/answer/kept-points.ts";

const SEEDS = 200;
const ROUNDS = 6;

test(`${SEEDS} questions asked again and again: each window's points, written once`, () => {
  for (let seed = 1; seed <= SEEDS; seed++) {
    const random = seededRandom(seed);
    const sizes = new Map<WindowPoints, number>();
    const made = (): WindowPoints => {
      const window = {} as WindowPoints;
      sizes.set(window, below(random, 4));
      return window;
    };
    const kept = new KeptPoints();
    const written = new Map<WindowPoints, readonly AnswerPoint[]>();
    let windows = Array.from({ length: below(random, 8) }, made);
    let known = true;
    let [last, lastKnown]: [readonly WindowPoints[], boolean] = [[], true];
    for (let round = 0; round < ROUNDS; round++) {
      const before = new Set(written.keys());
      const anew = new Set<WindowPoints>();
      const points = kept.of(windows, known, (window) => {
        anew.add(window);
        const own = Array.from(
          { length: sizes.get(window)! },
          (): AnswerPoint => ({}) as AnswerPoint,
        );
        written.set(window, own);
        return own;
      });
      const must = windows.flatMap((window) => written.get(window)!);
      assert.equal(points.length, must.length, `seed ${seed}`);
      assert.ok(
        points.every((point, i) => point === must[i]),
        `seed ${seed}, round ${round}`,
      );
      if (known !== lastKnown) assert.ok(windows.every((window) => anew.has(window)));
      const still = below(random, 5) > 0;
      if (round > 0 && known === lastKnown)
        for (const [i, window] of windows.entries())
          if (last[i] === window)
            assert.ok(!anew.has(window) && before.has(window), "written once");
      [last, lastKnown] = [windows, known];
      windows = windows.map((window) => (below(random, 3) > 0 ? window : made()));
      if (below(random, 4) === 0) windows = [...windows, made()];
      if (below(random, 4) === 0) windows = windows.slice(1);
      if (!still) known = !known;
    }
  }
});
