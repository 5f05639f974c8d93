// Every rule of the seam, broken on purpose in the real stack, is seen by the simulation. The table that
// is printed says which promise broke, and where.
import assert from "node:assert/strict";
import { after, describe, test } from "node:test";
import { PLANNER_RULES } from "./planner-rules.ts";
import { READER_RULES } from "./reader-rules.ts";
import { hunt, rowOf } from "./rule-hunt.ts";
import { HELD_BY_POSITION, STORE_RULES } from "./store-rules.ts";

const LIMITS = { seeds: 60, plays: 200, moreSeeds: 600 };
const rows: string[] = [];

describe("a broken rule is seen", () => {
  for (const rule of [...STORE_RULES, ...PLANNER_RULES, ...READER_RULES]) {
    test(rule.name, async (t) => {
      const caught = await hunt(rule, LIMITS);
      rows.push(rowOf(rule, caught));
      assert.ok(caught, "nothing saw it");
      t.diagnostic(rowOf(rule, caught));
    });
  }
});

describe("harmless by itself, as a worker that opens behind its checkpoint folds anew", () => {
  for (const rule of HELD_BY_POSITION) {
    test(rule.name, async () => {
      const caught = await hunt(rule, { seeds: 60, plays: 10, moreSeeds: 60 });
      rows.push(rowOf(rule, caught));
      assert.equal(caught?.violation.message, undefined);
    });
  }
});

after(() =>
  console.log(["| rule broken | promise | caught by |", "|---|---|---|", ...rows].join("\n")),
);
