// Whatever the log does and wherever the power fails: every acknowledged record comes to the log, those of a
// partition in order of their first appearance, every call ends in time and the spool keeps its bound.
import assert from "node:assert/strict";
import { test } from "node:test";
import { spoolRun, type Tally } from "./spool-run.ts";

const RUNS = Number(process.env["SPOOL_RUNS"] ?? 20);
const FIRST = Number(process.env["SPOOL_SEED"] ?? 1);

test("acknowledged records come to an unsteady log, in order, across power cuts", async (t) => {
  const tally: Tally = { accepted: 0, spooled: 0, refused: 0, cuts: 0, copies: 0 };
  for (let seed = FIRST; seed < FIRST + RUNS; seed++) {
    await spoolRun(seed, 120, tally).catch((error: unknown) => {
      throw new Error(`seed ${seed}`, { cause: error });
    });
  }
  t.diagnostic(JSON.stringify(tally));
  for (const [what, count] of Object.entries(tally)) assert.ok(count > RUNS, what);
});
