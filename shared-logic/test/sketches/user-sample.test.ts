// The sample is a function of the set of users alone: whatever is added in whatever order and parts, it
// is the k smallest hashes with everything that was ever said about them, and the next one.
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import {
  compareHash,
  EMPTY_SAMPLE,
  plusSample,
  type SampledUser,
  sampleOf,
  type UserSample,
} from "../../src/sketches/user-sample.ts";
import { UserSampleTable } from "../../src/sketches/user-sample-table.ts";

type Said = ReadonlySet<number>;
const union = (a: Said, b: Said): Said => new Set([...a, ...b].sort((x, y) => x - y));

/** Few hashes, so that users come back after they were dropped; low lanes differ as often as high ones. */
const users = fc.array(
  fc
    .tuple(fc.nat(3), fc.nat(5), fc.nat(9))
    .map(([hi, lo, said]): SampledUser<Said> => ({ hi: hi * 2 ** 30, lo, state: new Set([said]) })),
  { maxLength: 60 },
);

function byTheBook(all: readonly SampledUser<Said>[], k: number): UserSample<Said> {
  const hashes = new Map(all.map(({ hi, lo }) => [`${hi} ${lo}`, { hi, lo }]));
  const sorted = [...hashes.values()].sort(compareHash);
  const kept = sorted.slice(0, k).map((h) => ({
    ...h,
    state: all
      .filter((u) => compareHash(u, h) === 0)
      .reduce((s: Said, u) => union(s, u.state), new Set<number>()),
  }));
  return { kept, threshold: sorted[k] };
}

test("parts of any size, added in any shape, give the sample of the whole", () => {
  fc.assert(
    fc.property(
      users,
      fc.integer({ min: 1, max: 12 }),
      fc.array(fc.nat(), { maxLength: 6 }),
      (all, k, cuts) => {
        const whole = byTheBook(all, k);
        const edges = [
          0,
          ...cuts.map((c) => c % (all.length + 1)).sort((a, b) => a - b),
          all.length,
        ];
        const parts = edges
          .slice(1)
          .map((until, i) => sampleOf(all.slice(edges[i], until), k, union));
        const plus = (a: UserSample<Said>, b: UserSample<Said>) => plusSample(a, b, k, union);
        assert.deepEqual(parts.reduce(plus, EMPTY_SAMPLE), whole);
        assert.deepEqual(parts.reduceRight(plus, EMPTY_SAMPLE), whole);
        const single = all.map((u) => sampleOf([u], k, union));
        assert.deepEqual(single.reduce(plus, EMPTY_SAMPLE), whole);
      },
    ),
    { numRuns: 500 },
  );
});

test("the table holds the same sample, through any number of cuts and looks at it", () => {
  fc.assert(
    fc.property(users, fc.integer({ min: 1, max: 6 }), (all, k) => {
      const table = new UserSampleTable<Said>(k);
      for (const [i, { hi, lo, state }] of all.entries()) {
        if (i % 7 === 3) assert.deepEqual(table.sample(), byTheBook(all.slice(0, i), k));
        if (!table.admits(hi, lo)) continue;
        const own = table.states[table.entryOf(hi, lo)];
        table.set(hi, lo, own === undefined ? state : union(own, state));
      }
      assert.deepEqual(table.sample(), byTheBook(all, k));
    }),
    { numRuns: 500 },
  );
});
