// The part that delta debugging ends at shows, shows no more without any one item, and is found in few tests.
import assert from "node:assert/strict";
import { test } from "node:test";
import { ddmin } from "../../src/diff/ddmin.ts";
import { below, seededRandom } from "../../src/ports/random.ts";

function run<T>(all: readonly T[], shows: (part: readonly T[]) => boolean) {
  const search = ddmin(all);
  let tests = 0;
  let step = search.next();
  while (!step.done) {
    tests++;
    step = search.next(shows(step.value));
  }
  return { set: step.value, tests };
}

test("what is found shows and is 1-minimal, whatever shows, also where less of it may show again", () => {
  for (let seed = 0; seed < 2000; seed++) {
    const random = seededRandom(seed);
    const all = Array.from({ length: 1 + below(random, 40) }, (_, i) => i);
    // Shows where all of one of some sets are there, and an odd number of some others or all of them.
    const wanted = Array.from({ length: 1 + below(random, 3) }, () =>
      all.filter(() => below(random, all.length) < 3),
    );
    const odd = new Set(all.filter(() => below(random, 6) === 0));
    const shows = (part: readonly number[]): boolean => {
      const has = new Set(part);
      const parity = part.filter((i) => odd.has(i)).length % 2 === 1;
      return (
        part.length === all.length || (parity && wanted.some((w) => w.every((i) => has.has(i))))
      );
    };
    const { set } = run(all, shows);
    assert.ok(shows(set), `seed ${seed}`);
    assert.deepEqual(
      set,
      [...set].sort((a, b) => a - b),
    );
    if (set.length > 1)
      for (const left of set)
        assert.ok(!shows(set.filter((i) => i !== left)), `seed ${seed}: ${left} can be left out`);
  }
});

test("one item of many is found in about two tests for each halving", () => {
  const all = Array.from({ length: 1 << 16 }, (_, i) => i);
  const { set, tests } = run(all, (part) => part.includes(40_000));
  assert.deepEqual(set, [40_000]);
  assert.ok(tests <= 32, String(tests));
});
