// Sets of codes are what Sets by slot are, whatever was added, cleared, renamed and asked for before: slots that get
// nothing for long, that come later, and more than is written down at once.
import assert from "node:assert/strict";
import { test } from "node:test";
import { below, type Random, seededRandom } from "../../../src/ports/random.ts";
import { CodeSets } from "../../../src/reducers/kernels/code-sets.ts";

type Model = Map<number, Set<number>>;

const setOf = (model: Model, slot: number): Set<number> => {
  const set = model.get(slot) ?? new Set();
  model.set(slot, set);
  return set;
};

function addSome(random: Random, sets: CodeSets, model: Model, slots: number, codes: number): void {
  const n = below(random, 400);
  const all = Int32Array.from({ length: n + 5 }, () => below(random, codes + 1) - 1);
  const rows = Uint32Array.from({ length: n }, () => below(random, all.length));
  const first = below(random, slots);
  const to = Int32Array.from({ length: n }, () => first + below(random, slots - first));
  sets.addRows(all, rows, to, n, codes);
  for (let i = 0; i < n; i++) {
    const code = all[rows[i]!]!;
    if (code >= 0) setOf(model, to[i]!).add(code);
  }
}

function assertSame(sets: CodeSets, model: Model, slots: number, what: string): void {
  const out = new Int32Array(1 << 20);
  for (let slot = 0; slot < slots; slot++) {
    const expected = [...(model.get(slot) ?? [])].sort((a, b) => a - b);
    assert.equal(sets.count(slot), expected.length, what);
    const read = out.subarray(0, sets.read(slot, out)).sort();
    assert.deepEqual([...read], expected, what);
  }
}

test("sets are what was added since they were cleared", () => {
  for (let seed = 0; seed < 60; seed++) {
    const random = seededRandom(seed);
    const [sets, model] = [new CodeSets(), new Map() as Model];
    const codes = [3, 500, 1 << 24][seed % 3]!;
    let slots = 1;
    for (let step = 0; step < 40; step++) {
      const what = `seed ${seed}, step ${step}`;
      if (below(random, 4) === 0) slots += below(random, 30);
      sets.grow(slots);
      addSome(random, sets, model, slots, codes);
      if (below(random, 6) === 0) {
        const slot = below(random, slots);
        sets.clear(slot);
        model.set(slot, new Set());
      }
      if (below(random, 6) === 0) {
        const slot = below(random, slots);
        sets.add(slot, codes - 1);
        setOf(model, slot).add(codes - 1);
      }
      if (below(random, 3) === 0) assertSame(sets, model, slots, what);
    }
    assertSame(sets, model, slots, `seed ${seed}`);
  }
});

test("more than is written down at once", () => {
  const random = seededRandom(1);
  const [sets, model] = [new CodeSets(), new Map() as Model];
  sets.grow(50);
  for (let i = 0; i < 3000; i++) addSome(random, sets, model, 50, 100_000);
  assertSame(sets, model, 50, "many");
});

test("united slots have what any of them has", () => {
  for (let seed = 0; seed < 20; seed++) {
    const random = seededRandom(seed);
    const [finer, model] = [new CodeSets(), new Map() as Model];
    const codes = [40, 1 << 24][seed % 2]!;
    finer.grow(60);
    const united = new CodeSets();
    united.grow(7);
    for (let time = 0; time < 3; time++) {
      for (let i = 0; i < 5; i++) addSome(random, finer, model, 60, codes);
      const slotOf = Int32Array.from({ length: 60 }, (_, slot) => (slot * 11) % 7);
      united.unite(finer, slotOf, 60);
      const expected: Model = new Map();
      for (const [slot, set] of model)
        for (const code of set) setOf(expected, slotOf[slot]!).add(code);
      assertSame(united, expected, 7, `seed ${seed}, time ${time}`);
    }
  }
});
