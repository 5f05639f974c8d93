// Windows that have changed are those with a cell that is another, and all between them; and of a question that is asked
// again what is made of them is what is made of all.
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { type BlockCell, encodeBlock } from "../../src/fold/block.ts";
import type { Fingerprint } from "../../src/metrics/fingerprint.ts";
import { metric } from "../../src/metrics/metric.ts";
import { cellPoints } from "../../src/overlay/cell-points.ts";
import { changedWindows } from "../../src/overlay/changed-windows.ts";
import { Piece } from "../../src/overlay/day-pieces.ts";
import { KeptSpans } from "../../src/overlay/kept-spans.ts";
import { piecesByDay } from "../../src/overlay/points.ts";
import type { ReadView } from "../../src/overlay/view.ts";
import type { StoredSpeedRow } from "../../src/ports/view-store.ts";
import { count } from "../../src/reducers/count.ts";
import type { Window } from "../../src/time/calendar.ts";
import { type EpochMs, HOUR_MS, type UtcDay } from "../../src/time/epoch-ms.ts";

const CELL_MS = 60_000;
const CELLS = 12;

/** By number; undefined: there is none. */
type Cells = readonly (readonly [events: number, skipped: number, state: number] | undefined)[];

const cell = fc.option(fc.tuple(fc.nat(1), fc.nat(1), fc.nat(2)), { nil: undefined });
const cells = fc.array(cell, { minLength: CELLS, maxLength: CELLS });

const blockOf = (of: Cells): Uint8Array =>
  encodeBlock(
    of.flatMap((c, number): BlockCell[] =>
      c ? [{ cell: number, events: c[0], skipped: c[1], state: new Uint8Array(1).fill(c[2]) }] : [],
    ),
  );
const pieceOf = (of: Cells): Piece =>
  new Piece("[]", 0 as EpochMs, 0, blockOf(of), false, undefined);

test("the windows between the first and the last cell that is another", () => {
  const seen = { none: 0, some: 0, gone: 0 };
  const changes = fc.array(fc.tuple(fc.nat(CELLS - 1), cell), { maxLength: 3 });
  const sizes = fc.array(fc.integer({ min: 1, max: 3 }), { maxLength: 6 });
  fc.assert(
    fc.property(
      fc.array(cells, { minLength: 1, maxLength: 2 }),
      changes,
      fc.nat(4),
      sizes,
      (rows, edits, begin, lengths) => {
        const [head = [], ...rest] = rows;
        const other = [...head];
        for (const [at, to] of edits) other[at] = to;
        let at = begin;
        const windows = lengths.map((length): readonly [number, number] => {
          const from = at;
          at += length;
          return [from, at];
        });
        const edges = Float64Array.from(windows.flat(), (n) => n * CELL_MS);
        const span = { day: 0 as UtcDay, first: 7, last: 7 + windows.length };
        const is = changedWindows(
          { ...span, fromMs: 0 as EpochMs, untilMs: HOUR_MS as EpochMs },
          edges,
          [head, ...rest].map(pieceOf),
          [other, ...rest].map(pieceOf),
          CELL_MS,
        );
        if (head.some((c, n) => c && !other[n])) {
          seen.gone++;
          return assert.equal(is, undefined);
        }
        const changed = other.flatMap((c, n) => (String(c) === String(head[n]) ? [] : [n]));
        const [first, last] = [changed[0] ?? Number.NaN, changed.at(-1) ?? Number.NaN];
        const must = windows.flatMap(([from, until], n) =>
          until > first && from <= last ? [7 + n] : [],
        );
        seen[must.length > 0 ? "some" : "none"]++;
        const got = Array.from({ length: is!.last - is!.first }, (_, n) => is!.first + n);
        assert.deepEqual(got, must);
      },
    ),
    { numRuns: 3000 },
  );
  for (const [kind, n] of Object.entries(seen)) assert.ok(n > 0, kind);
});

test("groups that only other windows have are shown still, in the order asked for", () => {
  const events = metric({
    ...{ name: "events", title: "Events", unit: "events", version: 1 },
    ...{ reducer: count(), by: [["event_type"]], examples: [] },
  });
  const { approx } = events.reducer;
  const state = approx.encode(approx.zero);
  const rowOf = (group: string, cell: number, n: number): StoredSpeedRow => ({
    ...{ fp: "m@1-0" as Fingerprint, tenant: "t", set: 1, group, doubt: 0, partition: 0 },
    ...{ segment: 0, to: 1, events: n, skipped: 0, startMs: 0 as EpochMs },
    state: encodeBlock([{ cell, events: n, skipped: 0, state }]),
  });
  const viewOf = (speed: readonly StoredSpeedRow[]): ReadView => ({
    ...{ metric: events, set: 1, genesis: [0], speed, runs: new Map(), days: new Map() },
    ...{ positions: [{ to: 9, asOf: 0 as EpochMs }], starts: [0], dropped: new Map() },
  });
  const windows = Array.from({ length: 60 }, (_, n): Window => {
    return { from: (n * CELL_MS) as EpochMs, until: ((n + 1) * CELL_MS) as EpochMs };
  });
  const query = { windows, dims: undefined, spans: new Map() };
  const kept = new KeptSpans();
  const ask = (view: ReadView, groups?: readonly string[]) => {
    const asked = { ...query, ...(groups ? { groups } : {}) };
    const is = cellPoints(view, asked, kept.piecesOf(view), kept);
    assert.deepEqual(is?.flat(), cellPoints(view, asked, piecesByDay(view))?.flat());
    return is?.flat() ?? assert.fail();
  };
  const [a, b] = [rowOf('["a"]', 3, 1), rowOf('["b"]', 40, 1)];
  const [before, after] = [ask(viewOf([a, b])), ask(viewOf([rowOf('["a"]', 3, 2), b]))];
  assert.deepEqual(
    after.flatMap((point, n) => (point === before[n] ? [] : [n])),
    [3],
    "one cell, one window",
  );
  ask(viewOf([rowOf('["a"]', 3, 3), b]), ['["b"]', '["a"]']);
});
