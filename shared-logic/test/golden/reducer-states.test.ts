// Stored states stay readable: the bytes of known states, kept beside this file. After a deliberate change
// of a format: UPDATE_GOLDEN=1 node --test <this file>, and a line in the changelog.
import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { test } from "node:test";
import type { AnyReducer } from "../../src/algebra/reducer.ts";
import { decimal, user } from "../../src/metrics/selector.ts";
import { count } from "../../src/reducers/count.ts";
import { distinct } from "../../src/reducers/distinct.ts";
import { max } from "../../src/reducers/max.ts";
import { mean } from "../../src/reducers/mean.ts";
import { min } from "../../src/reducers/min.ts";
import { sum } from "../../src/reducers/sum.ts";
import { appendAll } from "../../src/testing/laws/fold-items.ts";

const file = new URL("./reducer-states.json", import.meta.url);
const price = decimal("properties.price", { scale: 3 });
const users = (n: number) => Array.from({ length: n }, (_, i) => `u:${i * i}`);
const units = [-1n, 12_345n, 10n ** 30n];

const cases: readonly (readonly [name: string, AnyReducer, items: readonly unknown[]])[] = [
  ["count of nothing", count(), []],
  ["count", count(), new Array(300).fill(null)],
  ["sum of nothing", sum(price), []],
  ["sum", sum(price), units],
  ["sum below zero", sum(price), [-64n]],
  ["min of nothing", min(price), []],
  ["min", min(price), units],
  ["max", max(price), units],
  ["mean of nothing", mean(price, { digits: 3 }), []],
  ["mean", mean(price, { digits: 3 }), units],
  ["distinct of nothing", distinct(user()), []],
  ["distinct", distinct(user()), [null, "u:\u{1F600}", "u:\uFFFD", "\uFEFF", "u:7", "", "u:7"]],
  ["distinct, dense", distinct(user(), { precision: 4 }), users(40)],
];

const bytesOf = (): Record<string, string> => {
  const out: Record<string, string> = {};
  for (const [name, reducer, items] of cases) {
    for (const side of ["exact", "approx"] as const) {
      const state = appendAll(reducer[side], items);
      out[`${name}, ${side}`] = Buffer.from(reducer[side].encode(state)).toString("hex");
    }
  }
  return out;
};

const { UPDATE_GOLDEN } = process.env;
if (UPDATE_GOLDEN) writeFileSync(file, `${JSON.stringify(bytesOf(), null, 2)}\n`);
const golden = JSON.parse(readFileSync(file, "utf8")) as Record<string, string>;

test("known states have the bytes they always had", () => {
  assert.deepEqual(bytesOf(), golden);
});

test("the bytes of known states are read as these states", () => {
  for (const [name, reducer, items] of cases) {
    for (const side of ["exact", "approx"] as const) {
      const bytes = Uint8Array.from(Buffer.from(golden[`${name}, ${side}`] ?? "", "hex"));
      const algebra = reducer[side];
      const window = { from: 0, until: 1 } as never;
      const context = { window, events: items.length };
      assert.deepEqual(
        algebra.present(algebra.decode(bytes), context),
        algebra.present(appendAll(algebra, items), context),
        `${name}, ${side}`,
      );
    }
  }
});
