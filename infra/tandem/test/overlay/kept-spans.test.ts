// A question that is asked again, of views that have changed a little or a lot or not at all, gets what it would get
// if nobody had kept anything; and what did not change is not made again.
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  type BlockCell,
  below,
  cellPoints,
  type Doubt,
  decodeBlock,
  encodeBlock,
  HOUR_MS,
  KeptSpans,
  piecesByDay,
  type Random,
  type ReadView,
  type StoredSpeedRow,
  seededRandom,
  type UtcDay,
} from "@tandem/shared-logic";
import { anyQuestion, bits, inGroups } from "./cell-questions.ts";
import { anyFate, anyLog } from "./generated-log.ts";
import { viewOf } from "./view-of.ts";

const CASES = Number(process.env["TANDEM_CASES"] ?? 100);
const SEED = Number(process.env["TANDEM_SEED"] ?? 1);
const ASKED = 6;

type Edit = (
  row: StoredSpeedRow,
  random: Random,
  rows: readonly StoredSpeedRow[],
) => readonly StoredSpeedRow[];

const withCells = (
  row: StoredSpeedRow,
  change: (cells: readonly BlockCell[]) => readonly BlockCell[],
): readonly StoredSpeedRow[] => {
  const cells = decodeBlock(row.state).map(({ cell, events, skipped, state }) => {
    return { cell, events, skipped, state };
  });
  return [{ ...row, state: encodeBlock(change(cells)) }];
};

const EDITS: Readonly<Record<string, Edit>> = {
  gone: () => [],
  bytes: (row, random, rows) => [{ ...row, state: rows[below(random, rows.length)]!.state }],
  skipped: (row) => withCells(row, (cells) => cells.map((c) => ({ ...c, skipped: c.skipped + 1 }))),
  cell: (row, random) =>
    withCells(row, (cells) => {
      const at = below(random, Math.max(1, cells.length));
      return cells.map((c, i) => (i === at ? { ...c, events: c.events + 1 } : c));
    }),
  state: (row, random, rows) =>
    withCells(row, (cells) => {
      const at = below(random, Math.max(1, cells.length));
      const [other] = decodeBlock(rows[below(random, rows.length)]!.state);
      return cells.map((c, i) => (i === at && other ? { ...c, state: other.state } : c));
    }),
  less: (row, random) =>
    withCells(row, (cells) => {
      const at = below(random, Math.max(1, cells.length));
      return cells.filter((_, i) => i !== at);
    }),
  more: (row, random) =>
    withCells(row, (cells) => {
      const cell = below(random, 60);
      const [first] = cells;
      if (!first || cells.some((c) => c.cell === cell)) return cells;
      return [...cells, { ...first, cell }].sort((a, b) => a.cell - b.cell);
    }),
  doubt: (row, random) => [{ ...row, doubt: below(random, 3) as Doubt }],
  group: (row) => [{ ...row, group: '["c"]' }],
  to: (row, random) => [{ ...row, to: row.to + below(random, 3) - 1 }],
  again: (row) => [row, { ...row, startMs: (row.startMs + HOUR_MS) as StoredSpeedRow["startMs"] }],
  moved: (row) => [{ ...row, startMs: (row.startMs + HOUR_MS) as StoredSpeedRow["startMs"] }],
  empty: (row) => [{ ...row, state: encodeBlock([]) }],
};

/** One row is another. */
function edited(view: ReadView, random: Random): readonly [string, ReadView] {
  const names = Object.keys(EDITS);
  const name = names[below(random, names.length)]!;
  const at = below(random, Math.max(1, view.speed.length));
  const speed = view.speed.flatMap((row, i) =>
    i === at ? EDITS[name]!(row, random, view.speed) : [row],
  );
  return [name, { ...view, speed }];
}

/** A position has moved, mostly on. */
function elsewhere(view: ReadView, random: Random): ReadView {
  const at = below(random, Math.max(1, view.positions.length));
  const by = below(random, 8) - 2;
  const positions = view.positions.map((p, i) => (p && i === at ? { ...p, to: p.to + by } : p));
  return { ...view, positions };
}

/** A run is gone, or has another name. */
function withoutRun(view: ReadView, random: Random): ReadView {
  const days = new Map(view.days);
  const known = [...days].filter(([, entry]) => entry !== undefined);
  const [day, entry] = known[below(random, Math.max(1, known.length))] ?? [0 as UtcDay, undefined];
  if (!entry) return view;
  if (below(random, 2) === 0) return { ...view, days: days.set(day, undefined) };
  const rows = view.runs.get(entry.run);
  if (!rows) return view;
  days.set(day, { ...entry, run: "again" });
  return { ...view, days, runs: new Map(view.runs).set("again", rows) };
}

test(`asked again: as if for the first time (seeds ${SEED} to ${SEED + CASES - 1})`, (t) => {
  const kinds: Record<string, number> = { taken: 0, kept: 0, made: 0, renamed: 0, elsewhere: 0 };
  for (let seed = SEED; seed < SEED + CASES; seed++) {
    const random = seededRandom(seed);
    const log = anyLog(random);
    const fresh = (): ReadView =>
      inGroups(
        viewOf(bits, (e) => 4n ** BigInt(e.n), anyFate(random, log), random, undefined),
        random,
      );
    let view = fresh();
    let query = anyQuestion(random);
    const kept = new KeptSpans();
    let before: readonly unknown[] = [];
    let oneCell = false;
    for (let round = 0; round < ASKED; round++) {
      const must = cellPoints(view, query, piecesByDay(view))?.flat();
      const found = cellPoints(view, query, kept.piecesOf(view), kept)?.flat();
      assert.deepEqual(found, must, `seed ${seed}, round ${round}`);
      const anew = new KeptSpans();
      if (cellPoints(view, query, anew.piecesOf(view), anew))
        assert.equal(kept.sizeBytes, anew.sizeBytes, `bytes, seed ${seed}, round ${round}`);
      if (found) {
        kinds["taken"]!++;
        for (const [i, point] of found.entries()) kinds[point === before[i] ? "kept" : "made"]!++;
        if (oneCell && before.length > 0)
          assert.ok(
            found.filter((point, i) => point !== before[i]).length <= 1,
            `seed ${seed}, round ${round}: a cell is of one window`,
          );
        before = found;
      }
      const way = below(random, 10);
      oneCell = false;
      if (found && way === 9) {
        const again = cellPoints(view, query, kept.piecesOf(view), kept)?.flat() ?? assert.fail();
        assert.ok(
          again.every((point, i) => point === found[i]),
          "nothing is made anew",
        );
        const other = { ...view, metric: { ...bits } };
        const anew = cellPoints(other, query, kept.piecesOf(other), kept)?.flat() ?? assert.fail();
        assert.ok(
          anew.every((point, i) => point !== found[i]),
          "of another metric, everything",
        );
      }
      if (way === 0) view = fresh();
      else if (way === 1) view = withoutRun(view, random);
      else if (way === 2) query = { ...query, windows: query.windows.slice(below(random, 3)) };
      else if (way === 3) query = { ...query, windows: anyQuestion(random).windows };
      else if (way < 9) {
        const [name, next] = edited(view, random);
        kinds[name] = (kinds[name] ?? 0) + 1;
        view = next;
        oneCell = found !== undefined && (name === "cell" || name === "state");
      }
      if (below(random, 3) === 0) {
        view = elsewhere(view, random);
        oneCell = false;
        kinds["elsewhere"]!++;
      }
      if (query.groups && below(random, 4) === 0) {
        query = { ...query, groups: [...query.groups].reverse() };
        oneCell = false;
        kinds["renamed"]!++;
      }
    }
  }
  t.diagnostic(JSON.stringify(kinds));
  for (const [kind, n] of Object.entries(kinds)) assert.ok(n > 0, kind);
  for (const edit of Object.keys(EDITS)) assert.ok(kinds[edit], edit);
});
