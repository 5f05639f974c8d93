// Every rule of the seam, broken on purpose in the real stack, is seen by the simulation. The table that
// is printed says which promise broke, and where.
import assert from "node:assert/strict";
import { after, describe, test } from "node:test";
import { PLANNER_RULES } from "./planner-rules.ts";
import { READER_RULES } from "./reader-rules.ts";
import { HELD_BY_POSITION, STORE_RULES } from "./store-rules.ts";
import { type HuntResult, inThread } from "./thread.ts";

const ROUNDS = [
  { seeds: 6, plays: 6 },
  { seeds: 30, plays: 30 },
  { seeds: 60, plays: 200 },
  { seeds: 60, plays: 600 },
  { seeds: 600, plays: 600 },
];
const FEW = [{ seeds: 60, plays: 10 }];
const rows: string[] = [];

describe("a broken rule is seen", () => {
  for (const rule of [...STORE_RULES, ...PLANNER_RULES, ...READER_RULES]) {
    test(rule.name, async (t) => {
      const work = { work: "hunt", rule: rule.name, rounds: ROUNDS } as const;
      const { row, caught } = await inThread<HuntResult>(work);
      rows.push(row);
      t.diagnostic(row);
      assert.notEqual(caught, undefined, "nothing saw it");
    });
  }
});

describe("harmless by itself, as a worker that opens behind its checkpoint folds anew", () => {
  for (const rule of HELD_BY_POSITION) {
    test(rule.name, async () => {
      const work = { work: "hunt", rule: rule.name, rounds: FEW } as const;
      const { row, caught } = await inThread<HuntResult>(work);
      rows.push(row);
      assert.equal(caught, undefined);
    });
  }
});

after(() =>
  console.log(["| rule broken | promise | caught by |", "|---|---|---|", ...rows].join("\n")),
);
