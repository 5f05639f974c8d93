// Stored states stay readable: the bytes of known states, kept beside this file. After a deliberate change
// of a format: UPDATE_GOLDEN=1 node --test <this file>, and a line in the changelog.
import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { test } from "node:test";
import type { AnyReducer } from "../../src/algebra/reducer.ts";
import { decimal, eventType, text, user } from "../../src/metrics/selector.ts";
import { activeWithin } from "../../src/reducers/active-within.ts";
import { count } from "../../src/reducers/count.ts";
import { distinct } from "../../src/reducers/distinct.ts";
import { eventsPerMinute } from "../../src/reducers/events-per-minute.ts";
import { funnel } from "../../src/reducers/funnel.ts";
import { max } from "../../src/reducers/max.ts";
import { mean } from "../../src/reducers/mean.ts";
import { min } from "../../src/reducers/min.ts";
import { perUser } from "../../src/reducers/per-user.ts";
import { quantile } from "../../src/reducers/quantile.ts";
import { ratio } from "../../src/reducers/ratio.ts";
import { sessions } from "../../src/reducers/sessions.ts";
import { sum } from "../../src/reducers/sum.ts";
import { timeBetween } from "../../src/reducers/time-between.ts";
import { topK } from "../../src/reducers/top-k.ts";
import { appendAll } from "../../src/testing/laws/fold-items.ts";

const file = new URL("./reducer-states.json", import.meta.url);
const price = decimal("properties.price", { scale: 3 });
const users = (n: number) => Array.from({ length: n }, (_, i) => `u:${i * i}`);
const units = [-1n, 12_345n, 10n ** 30n];

const DAY_1_MS = 1_569_888_000_000;
/** What users did, minutes apart: bit 0 the first step, bit 1 the second. */
const did = [1, 2, 0, 3, 1, 2, 1].map((marks, i) => ({
  user: `uu${i % 3}`,
  timeMs: DAY_1_MS + i * 4_000_000,
  eventId: `e${i}`,
  dims: [],
  marks,
}));
const steps = [eventType("view"), eventType("purchase")];
const marked = did.filter(({ marks }) => marks > 0);
/** Views of few pages by events whose ids have these hashes. */
const viewed = (n: number) =>
  Array.from({ length: n }, (_, i) => ({
    hi: Math.imul(i + 1, 0x9e3779b1) >>> 0,
    lo: i,
    group: JSON.stringify([i % 7 === 0 ? "/\u{1F600}" : `/${i % 3}`]),
  }));
const of = (item: unknown) => ({ item });

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
  ["quantile of nothing", quantile(price, { q: 0.5 }), []],
  ["quantile", quantile(price, { q: 0.95 }), [...units, 7n, 7n, 0n]],
  ["ratio of nothing", ratio(sum(price), count(), { digits: 2 }), []],
  [
    "ratio",
    ratio(sum(price), distinct(user()), { digits: 2 }),
    [
      [of(12_345n), of("u:7")],
      [undefined, of("u:8")],
      [of(-1n), undefined],
    ],
  ],
  ["per user: sessions", perUser(sessions()), did],
  ["per user: funnel of nothing", perUser(funnel({ steps })), []],
  ["per user: funnel", perUser(funnel({ steps })), marked],
  [
    "per user: funnel, strict, sampled",
    perUser(funnel({ steps, strict: true }), { sample: 4 }),
    did,
  ],
  ["per user: time between", perUser(timeBetween({ from: steps[0]!, to: steps[1]! })), marked],
  ["per user: active days", perUser(activeWithin({ days: 7 })), did],
  ["events per minute of nothing", eventsPerMinute(), []],
  ["events per minute", eventsPerMinute({ value: "score" }), [7n, 26_164_800n, 7n]],
  ["topK of nothing", topK(text("properties.path")).inside?.(["properties.path"]) as never, []],
  ["topK", topK(text("properties.path")).inside?.(["properties.path"]) as never, viewed(40)],
  [
    "topK, sampled",
    topK(text("properties.path"), { sample: 16 }).inside?.(["properties.path"]) as never,
    [null, ...viewed(40)],
  ],
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
