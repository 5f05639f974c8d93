// Sets of marked events: a union is the same in any order and grouping, and takes nothing twice.
import assert from "node:assert/strict";
import { test } from "node:test";
import { below, type Random, seededRandom } from "../../src/ports/random.ts";
import { unionMarked } from "../../src/reducers/marked-events.ts";
import type { MarkedEvents } from "../../src/reducers/marked-set.ts";
import { unionMoments } from "../../src/reducers/moments.ts";

type Union = (a: MarkedEvents, b: MarkedEvents) => MarkedEvents;

/** Few times, marks and dimensions, so that most meet another that is equal in all or in part. */
function drawn(random: Random, union: Union): MarkedEvents {
  let set: MarkedEvents = [];
  for (let n = below(random, 60); n > 0; n--) {
    const dim = [null, "a", "b", "c"][below(random, 4)] ?? null;
    const event = { timeMs: 1000 * below(random, 90), marks: below(random, 2), dims: [dim] };
    set = union(set, [event]);
  }
  return set;
}

for (const [name, union] of Object.entries<Union>({ unionMarked, unionMoments })) {
  test(`${name}: in any order and grouping, and once more (seeds 1 to 300)`, () => {
    for (let seed = 1; seed <= 300; seed++) {
      const random = seededRandom(seed);
      const a = drawn(random, union);
      const b = drawn(random, union);
      const c = drawn(random, union);
      assert.deepEqual(union(a, b), union(b, a), `seed ${seed}: order`);
      assert.deepEqual(union(union(a, b), c), union(a, union(b, c)), `seed ${seed}: grouping`);
      assert.deepEqual(union(union(a, b), a), union(a, b), `seed ${seed}: once more`);
    }
  });
}
