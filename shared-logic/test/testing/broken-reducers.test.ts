// The law suite finds what is wrong: each planted fault fails the law that names it, and the reducer they
// are mutations of passes them all.
import assert from "node:assert/strict";
import { test } from "node:test";
import { quotient } from "../../src/algebra/decimal.ts";
import { below } from "../../src/ports/random.ts";
import { reducerLaws } from "../../src/testing/reducer-laws.ts";
import { broken } from "./broken-reducers.ts";
import { forbidAmbient } from "./forbid-ambient.ts";
import { lawful, type NumbersReducer } from "./lawful-reducer.ts";

/** The names of the laws that a reducer fails, and how many there are. */
function judge(reducer: NumbersReducer): { failed: string[]; laws: number } {
  const failed: string[] = [];
  let laws = 0;
  const suite = {
    test(name: string, fn: () => void): void {
      laws++;
      try {
        fn();
      } catch {
        failed.push(name);
      }
    },
  };
  reducerLaws(suite, reducer, {
    items: (random) => below(random, 2000) - 500,
    events: (random) => ({ properties: { price: below(random, 4) ? below(random, 100) : "none" } }),
    truth: (items) => {
      if (items.length === 0) return null;
      const total = items.reduce((a, b) => a + b, 0);
      return quotient({ units: BigInt(total), scale: 0 }, BigInt(items.length), 6);
    },
    guard: forbidAmbient,
    growth: { items: 10_000, limitBytes: 65_536 },
  });
  return { failed, laws };
}

test("the lawful reducer passes every law", () => {
  const { failed, laws } = judge(lawful);
  assert.deepEqual(failed, []);
  assert.ok(laws >= 35, `${laws} laws`);
});

test("there are at least 35 kinds of broken reducers, each of a name of its own", () => {
  const kinds = new Set(broken.map(([, { spec }]) => spec.kind));
  assert.equal(kinds.size, broken.length);
  assert.ok(broken.length >= 35, `${broken.length} kinds`);
});

for (const [law, reducer] of broken) {
  test(`${reducer.spec.kind} fails "${law}"`, () => {
    const { failed } = judge(reducer);
    assert.ok(
      failed.some((name) => name.includes(law)),
      `failed only: ${failed.join("; ") || "nothing"}`,
    );
  });
}
