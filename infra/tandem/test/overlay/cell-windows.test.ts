// Windows of whole cells take a way of their own through the overlay: over generated logs it gives what merging
// window by window gives, groups, unions, holes and flushes under way included.
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  below,
  cellPoints,
  DAY_MS,
  HOUR_MS,
  overlayByWindow,
  piecesByDay,
  seededRandom,
  type Window,
} from "@tandem/shared-logic";
import { anyQuestion, bits, inGroups } from "./cell-questions.ts";
import { anyFate, anyLog, FIRST_DAY } from "./generated-log.ts";
import { viewOf } from "./view-of.ts";

const CASES = Number(process.env["TANDEM_CASES"] ?? 100);
const SEED = Number(process.env["TANDEM_SEED"] ?? 1);
test(`windows of whole cells: as window by window (seeds ${SEED} to ${SEED + CASES - 1})`, (t) => {
  const kinds = { taken: 0, other: 0, missing: 0, torn: 0, lag: 0, above: 0, doubtful: 0 };
  for (let seed = SEED; seed < SEED + CASES; seed++) {
    const random = seededRandom(seed);
    const only = (["batch", "speed"] as const)[below(random, 8)];
    const fate = anyFate(random, anyLog(random));
    const view = inGroups(
      viewOf(bits, (e) => 4n ** BigInt(e.n), fate, random, only),
      random,
    );
    const query = anyQuestion(random);
    const found = cellPoints(view, query, piecesByDay(view))?.flat();
    const must = overlayByWindow(view, query, piecesByDay(view));
    if (found) assert.deepEqual(found, must, `seed ${seed}`);
    kinds[found ? "taken" : "other"]++;
    for (const w of found ?? []) {
      if (w.missing !== undefined) kinds.missing++;
      if (w.torn.size > 0) kinds.torn++;
      if (w.lag) kinds.lag++;
      if (w.aboveRuns.size > 0) kinds.above++;
      if (w.suspected + w.unchecked > 0) kinds.doubtful++;
    }
  }
  t.diagnostic(JSON.stringify(kinds));
  for (const [kind, n] of Object.entries(kinds)) assert.ok(n > 0, kind);
});

test("windows that cut a cell, lie in two days or overlap are not taken", () => {
  const random = seededRandom(7);
  const view = viewOf(bits, () => 1n, anyFate(random, anyLog(random)), random, undefined);
  const day = FIRST_DAY * DAY_MS;
  const others = [
    [[day, day + 30_000]],
    [[day + DAY_MS - HOUR_MS, day + DAY_MS + HOUR_MS]],
    [
      [day, day + HOUR_MS],
      [day, day + HOUR_MS],
    ],
  ];
  for (const edges of others) {
    const windows = edges.map(([from, until]) => ({ from, until }) as Window);
    const query = { windows, dims: undefined, spans: new Map() };
    assert.equal(cellPoints(view, query, piecesByDay(view)), undefined);
    assert.equal(overlayByWindow(view, query, piecesByDay(view)).length, windows.length);
  }
});
