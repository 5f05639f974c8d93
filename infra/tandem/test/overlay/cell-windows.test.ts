// Windows of whole cells take a way of their own through the overlay: over generated logs it gives what merging
// window by window gives, groups, unions, holes and flushes under way included.
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  below,
  cellPoints,
  DAY_MS,
  decimal,
  type EpochMs,
  HOUR_MS,
  MINUTE_MS,
  metric,
  OTHER_GROUP,
  overlayByWindow,
  type PointQuery,
  piecesByDay,
  type Random,
  type ReadView,
  seededRandom,
  sum,
  type Window,
} from "@tandem/shared-logic";
import { anyFate, anyLog, DAYS, FIRST_DAY } from "./generated-log.ts";
import { viewOf } from "./view-of.ts";

const CASES = Number(process.env["TANDEM_CASES"] ?? 100);
const SEED = Number(process.env["TANDEM_SEED"] ?? 1);
const bits = metric({
  name: "bits",
  title: "t",
  unit: "u",
  version: 1,
  examples: [],
  reducer: sum(decimal("properties.bit", { scale: 0 })),
});
const GROUPS = ['["a"]', '["b"]', "[null]"];

/** The rows in groups; now and then one in `(other)`. */
function inGroups(view: ReadView, random: Random): ReadView {
  const others = below(random, 10) === 0;
  const group = () =>
    others && below(random, 20) === 0 ? OTHER_GROUP : GROUPS[below(random, GROUPS.length)]!;
  return {
    ...view,
    speed: view.speed.map((row) => ({ ...row, group: group() })),
    runs: new Map(
      [...view.runs].map(([run, rows]) => [
        run,
        { ...rows, finest: rows.finest?.map((row) => ({ ...row, group: group() })) },
      ]),
    ),
  };
}

/** In order, with gaps, some of a day. */
function wholeWindows(random: Random): Window[] {
  const windows: Window[] = [];
  const stepMs = [MINUTE_MS, 7 * MINUTE_MS, HOUR_MS, DAY_MS][below(random, 4)]!;
  const end = (FIRST_DAY + DAYS) * DAY_MS;
  let at = FIRST_DAY * DAY_MS + below(random, 48) * HOUR_MS;
  while (at < end && windows.length < 400) {
    const until = Math.min(at + stepMs, (Math.floor(at / DAY_MS) + 1) * DAY_MS);
    if (below(random, 8) > 0) windows.push({ from: at as EpochMs, until: until as EpochMs });
    at = until;
  }
  return windows;
}

function anyQuestion(random: Random): PointQuery {
  const kind = below(random, 4);
  return {
    windows: wholeWindows(random),
    dims: undefined,
    spans: new Map(),
    ...(kind === 1 ? { groups: ['["b"]', '["nobody"]'] } : {}),
    ...(kind === 2 ? { shows: (g: string) => g !== '["a"]' } : {}),
    ...(kind === 3 ? { union: (g: string) => (g === "[null]" ? undefined : "[]") } : {}),
  };
}

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
    const found = cellPoints(view, query, piecesByDay(view));
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
