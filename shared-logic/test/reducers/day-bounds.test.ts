// What a reducer says its days say of a range is true of the exact numbers, for every list key and group; and where it
// says nothing, there is a range that has less than a day of it. Steps of a funnel never increase within a group.
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Decimal } from "../../src/algebra/decimal.ts";
import { groupValues } from "../../src/metrics/group.ts";
import { eventType } from "../../src/metrics/selector.ts";
import { below, type Random, seededRandom } from "../../src/ports/random.ts";
import { activeWithin } from "../../src/reducers/active-within.ts";
import { funnel } from "../../src/reducers/funnel.ts";
import { type PerUserReducer, perUser } from "../../src/reducers/per-user.ts";
import { newUsers, retention } from "../../src/reducers/retention.ts";
import { sessions } from "../../src/reducers/sessions.ts";
import { timeBetween } from "../../src/reducers/time-between.ts";
import { columnsOf } from "../../src/testing/columns-of.ts";
import { DAY_MS, HOUR_MS } from "../../src/time/epoch-ms.ts";
import { windowOf } from "./windows.ts";

const TYPES = ["view", "cart", "purchase", "other"];
const steps = TYPES.slice(0, 3).map((type) => eventType(type));
const COUNTRY = "properties.country";
const DAYS = 4;
const SEEDS = 60;

/** For every list of dimensions: what each key of a list, or any group, is bound by. */
type Bounds = Readonly<Record<string, Readonly<Record<string, "sum" | "largest" | "nothing">>>>;
const sums = (by: string): Bounds[string] => ({ [by]: "sum" });
const FUNNEL: Bounds = {
  "": { any: "largest" },
  step: { "1": "largest", "2": "largest", "3": "largest" },
  [COUNTRY]: { any: "nothing" },
  [`step,${COUNTRY}`]: { "1": "nothing", "2": "nothing", "3": "nothing" },
};
const STRICT: Bounds = {
  ...FUNNEL,
  "": { any: "nothing" },
  step: { "1": "largest", "2": "nothing", "3": "nothing" },
};
const EACH: Bounds = { "": sums("any"), [COUNTRY]: sums("any") };
const NONE: Bounds = { "": { any: "nothing" }, [COUNTRY]: { any: "nothing" } };
const RETURNS = { "0": "sum", "1": "sum" } as const;

const SHAPES: Readonly<Record<string, readonly [PerUserReducer<never>, Bounds]>> =
  Object.fromEntries(
    (
      [
        ["sessions", sessions(), EACH],
        ["session length", sessions({ value: "length" }), NONE],
        ["new users", newUsers({ lookbackDays: 1 }), EACH],
        ["funnel", funnel({ steps }), FUNNEL],
        ["increasing funnel", funnel({ steps, increasing: true, windowMs: 3 * HOUR_MS }), FUNNEL],
        ["strict funnel", funnel({ steps, strict: true }), STRICT],
        ["funnel's rate", funnel({ steps, value: "rate" }), { "": { any: "nothing" } }],
        ["time between", timeBetween(), NONE],
        ["rolling days", activeWithin({ days: 2 }), NONE],
        [
          "retention",
          retention({ on: [1], value: "users", lookbackDays: 1 }),
          { ...EACH, return: RETURNS, [`return,${COUNTRY}`]: RETURNS },
        ],
      ] as const
    ).map(([name, shape, bounds]) => [
      name,
      [perUser(shape as never) as PerUserReducer<never>, bounds] as const,
    ]),
  );

function stateOf(reducer: PerUserReducer<never>, random: Random) {
  let state = reducer.exact.zero;
  const [events, users] = [3 + below(random, 60), 1 + below(random, 4)];
  for (let i = 0; i < events; i++) {
    const timestamp = below(random, (DAYS + 1) * DAY_MS) - DAY_MS / 2;
    const event = {
      ...{
        event_id: `e${i}`,
        event_type: TYPES[below(random, 4)],
        user_id: `u${below(random, users)}`,
      },
      timestamp: below(random, 2) === 0 ? timestamp : Math.floor(timestamp / HOUR_MS) * HOUR_MS,
      properties: { country: ["DE", "US", null][below(random, 3)] },
    };
    const item = reducer.items(columnsOf([event]))(0);
    if (item !== undefined) state = reducer.exact.append(state, item);
  }
  return state;
}

const units = (value: Decimal | null | undefined): bigint | undefined => value?.units;

for (const [name, [plain, bounds]] of Object.entries(SHAPES))
  test(`${name}: days bound their range as far as it says`, () => {
    const list = plain.lists?.path;
    const dims = [...(list === undefined ? [] : [list]), COUNTRY];
    const reducer = plain.inside?.(dims) as PerUserReducer<never>;
    const { exact } = reducer;
    const less = new Set<string>();
    for (let seed = 1; seed <= SEEDS; seed++) {
      const state = stateOf(reducer, seededRandom(seed));
      for (const [text, keys] of Object.entries(bounds)) {
        const by = text === "" ? [] : text.split(",");
        const shown = (fromDay: number, untilDay: number) => {
          const context = { window: windowOf(fromDay * DAY_MS, untilDay * DAY_MS), events: 1000 };
          if (by.length > 0) return exact.presentBy?.(state, context, by) ?? new Map();
          return new Map([["[]", exact.present(state, context)]]);
        };
        const range = shown(0, DAYS);
        const days = Array.from({ length: DAYS }, (_, day) => shown(day, day + 1));
        for (const group of new Set(days.flatMap((day) => [...day.keys()]))) {
          const key = list === undefined ? undefined : groupValues(group)?.[by.indexOf(list)];
          const expected = keys[key ?? "any"];
          const bound = reducer.atLeastDays?.(by, group);
          assert.equal(bound ?? "nothing", expected, `${text} ${group}`);
          const each = days.map((day) => units(day.get(group)?.value) ?? 0n);
          const whole = units(range.get(group)?.value) ?? 0n;
          const most = each.reduce((a, b) => (a > b ? a : b));
          const all = each.reduce((a, b) => a + b);
          if (bound === "sum") assert.ok(whole >= all, `seed ${seed}: ${text} ${group}`);
          if (bound === "largest") assert.ok(whole >= most, `seed ${seed}: ${text} ${group}`);
          if (whole < most) less.add(`${text} ${key ?? "any"}`);
        }
        if (list !== "step" || !by.includes(list)) continue;
        for (const points of [range, ...days])
          for (const [group, { value }] of points) {
            const [step, ...rest] = groupValues(group) ?? [];
            if (step === "1") continue;
            const before = JSON.stringify([`${Number(step) - 1}`, ...rest]);
            assert.ok((units(points.get(before)?.value) ?? 0n) >= (units(value) ?? 0n), group);
          }
      }
    }
    for (const [text, keys] of Object.entries(bounds))
      for (const [key, bound] of Object.entries(keys))
        if (bound === "nothing")
          assert.ok(less.has(`${text} ${key}`), `${text} ${key}: no witness`);
  });
