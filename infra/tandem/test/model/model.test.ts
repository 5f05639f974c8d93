// Batch ok, late, failed, rerun, rolled back, partial, in every order with any query: each event is counted
// exactly once, or the answer says what is missing. The drill `model` runs 100,000 cases and more.
import assert from "node:assert/strict";
import { test } from "node:test";
import { RULES } from "./rules.ts";
import { type ExploreResult, type HuntResult, inThread } from "./thread.ts";

const LENGTH = 3;
const SEEDS = 50;

test("every interleaving of a few operations, and longer ones by seed", async (t) => {
  const { cases, asked, failure } = await inThread<ExploreResult>({
    ...{ work: "explore", length: LENGTH, seeds: SEEDS },
  });
  assert.equal(failure, undefined);
  t.diagnostic(`up to ${LENGTH} operations, seeds 1 to ${SEEDS}: ${cases} cases`);
  t.diagnostic(JSON.stringify(asked));
  assert.ok(cases > 5000, String(cases));
  for (const [kind, n] of Object.entries(asked)) assert.ok(n > 1000, `hardly any ${kind}: ${n}`);
});

test("each of the rules is seen when it is broken", async (t) => {
  const caught = await inThread<HuntResult>({ work: "hunt", seeds: 100 });
  for (const rule of RULES) t.diagnostic(`${rule}: ${caught[rule]?.slice(0, 120)}`);
  assert.deepEqual(
    RULES.filter((rule) => caught[rule] === undefined),
    [],
  );
});
