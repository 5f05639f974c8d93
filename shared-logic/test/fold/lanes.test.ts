// Where a fold puts a row does not depend on how its batches were cut, on what lanes remember, or on
// whether there are few enough combinations of values for lanes at all.
import assert from "node:assert/strict";
import { test } from "node:test";
import { DictionaryColumn } from "../../src/events/dictionary-column.ts";
import { Interner } from "../../src/events/interner.ts";
import { Fold } from "../../src/fold/fold.ts";
import { Lanes } from "../../src/fold/lanes.ts";
import { metric } from "../../src/metrics/metric.ts";
import { below, type Random, seededRandom } from "../../src/ports/random.ts";
import { count } from "../../src/reducers/count.ts";
import { columnsOf, type PlainEvent } from "../../src/testing/columns-of.ts";
import { HOUR_MS } from "../../src/time/epoch-ms.ts";

const MANY = 70_000;

function events(random: Random, values: number): PlainEvent[] {
  return Array.from({ length: 200 }, (_, i) => ({
    event_type: `t${below(random, 3)}`,
    timestamp: i * (HOUR_MS / 10) - (below(random, 20) === 0 ? below(random, 60) * HOUR_MS : 0),
    properties: below(random, 9) === 0 ? {} : { value: `v${below(random, values)}` },
  }));
}

const rowsOf = (fold: Fold): string[] =>
  [...fold.rows()]
    .map(
      (r) =>
        `${r.set}|${r.tenant}|${r.group}|${r.startMs}|${r.doubt}|${Buffer.from(r.state).toString("hex")}`,
    )
    .sort();

test("rows find their cells in one batch, in many, and one by one", () => {
  const counted = metric({
    name: "counted",
    title: "Counted",
    unit: "events",
    version: 1,
    reducer: count(),
    by: [["event_type"], ["event_type", "properties.value"]],
    limit: 5,
    examples: [],
  });
  for (let seed = 0; seed < 12; seed++) {
    const random = seededRandom(seed);
    const all = events(random, [4, 40][seed % 2]!);
    const doubts = Uint8Array.from(all, () => below(random, 3));
    const folded = (cut: number, interners: Map<string, Interner>): string[] => {
      const fold = new Fold([counted], "exact");
      for (let from = 0; from < all.length; from += cut) {
        const part = all.slice(from, from + cut);
        const columns = columnsOf(part, { tenant: "a", interners });
        const rows = Uint32Array.from(part, (_, i) => i);
        fold.fold(columns, rows, doubts.slice(from, from + cut), part.length);
        if (below(random, 5) === 0) for (const interner of interners.values()) interner.reset();
        if (below(random, 5) === 0) fold.takeDirty(0, 0);
      }
      return rowsOf(fold);
    };
    const crowded = new Interner();
    for (let i = 0; i < MANY; i++) crowded.internText(`other ${i}`);
    const one = folded(all.length, new Map());
    assert.deepEqual(folded(1, new Map()), one, `seed ${seed}`);
    assert.deepEqual(folded(37, new Map()), one, `seed ${seed}`);
    if (seed < 2) {
      assert.deepEqual(folded(all.length, new Map([["properties.value", crowded]])), one);
    }
  }
});

test("hours that differ by what no 32 bits hold are not taken for each other", () => {
  const counted = metric({
    name: "counted",
    title: "Counted",
    unit: "events",
    version: 1,
    reducer: count(),
    examples: [],
  });
  const fold = new Fold([counted], "exact");
  const timestamps = [0, 2 ** 30 * HOUR_MS, 0];
  const all = timestamps.map((timestamp) => ({ event_type: "t", timestamp }));
  fold.fold(columnsOf(all, { tenant: "a" }), Uint32Array.of(0, 1, 2), new Uint8Array(3), 3);
  const blocks = [...fold.rows()].map(({ startMs, events }) => [startMs, events]);
  assert.deepEqual(blocks, [
    [0, 2],
    [2 ** 30 * HOUR_MS, 1],
  ]);
});

test("rows have the same lane exactly where all their texts are the same", () => {
  const random = seededRandom(5);
  for (let n = 0; n < 40; n++) {
    const columns = [4, 9, 3].slice(0, 1 + (n % 3)).map((values) => {
      const interner = new Interner();
      for (let i = 0; i < values; i++) interner.internText(`text ${i}`);
      const codes = Int32Array.from({ length: 60 }, () => below(random, values + 1) - 1);
      return new DictionaryColumn(interner, codes, 60);
    });
    const rows = Uint32Array.from({ length: n }, (_, i) => i + below(random, 20));
    const lanes = new Lanes().of(columns, rows, n);
    const textsOf = (row: number): string => columns.map((c) => c.codes()[row]).join("|");
    const textsOfLane = new Map<number, string>();
    for (const [i, row] of rows.entries()) textsOfLane.set(lanes?.[i] ?? -1, textsOf(row));
    for (const [i, row] of rows.entries())
      assert.equal(textsOfLane.get(lanes?.[i] ?? -1), textsOf(row));
    assert.equal(textsOfLane.size, new Set([...rows].map(textsOf)).size);
  }
});
