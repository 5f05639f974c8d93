// The shapes over a user's events keep the laws of reducers, in both layers, with dimensions and without.
import { test } from "node:test";
import { eventType } from "../../src/metrics/selector.ts";
import { below, type Random } from "../../src/ports/random.ts";
import { activeWithin } from "../../src/reducers/active-within.ts";
import { funnel } from "../../src/reducers/funnel.ts";
import { type PerUserReducer, perUser } from "../../src/reducers/per-user.ts";
import { newUsers, retention } from "../../src/reducers/retention.ts";
import { sessions } from "../../src/reducers/sessions.ts";
import { timeBetween } from "../../src/reducers/time-between.ts";
import { columnsOf, type PlainEvent } from "../../src/testing/columns-of.ts";
import { reducerLaws } from "../../src/testing/reducer-laws.ts";
import { DAY_MS, MINUTE_MS } from "../../src/time/epoch-ms.ts";
import { forbidAmbient } from "../testing/forbid-ambient.ts";
import { windowOf } from "./windows.ts";

const steps = [eventType("view", "open"), eventType("cart"), eventType("purchase", "cart")];
const TYPES = ["view", "open", "cart", "purchase", "other"];
const COUNTRY = "properties.country";

/** Half of a few users, half of many; `spanMs` around the epoch's first day, and many in one minute. */
const eventIn =
  (spanMs: number) =>
  (random: Random): PlainEvent => ({
    event_id: `${random.u32()}`,
    event_type: TYPES[below(random, TYPES.length)],
    timestamp:
      below(random, 3) === 0 ? below(random, MINUTE_MS) : below(random, 2 * spanMs) - spanMs,
    ...(below(random, 8) === 0
      ? {}
      : { user_id: `${below(random, below(random, 2) === 0 ? 3 : 2 ** 24)}` }),
    properties: { country: ["DE", "US", null][below(random, 3)] },
  });

const days = (n: number) => n * DAY_MS;
const SHAPES = {
  "funnel of users": [funnel({ steps }), days(2)],
  "strict funnel": [funnel({ steps, strict: true, increasing: true }), days(2)],
  "funnel's rate": [funnel({ steps, value: "rate" }), days(2)],
  "funnel's time": [funnel({ steps, value: "time" }), days(2)],
  "rolling week": [activeWithin({ days: 7 }), days(12)],
  stickiness: [activeWithin({ days: 28, value: "today" }), days(40)],
  "new users": [newUsers(), days(40)],
  retention: [retention({ on: [1, 7], lookbackDays: 7 }), days(20)],
  "weeks of retention": [retention({ on: [1, 2], period: "week", value: "users" }), days(40)],
  "time between events": [timeBetween({ withinMs: days(1) / 4 }), days(2)],
  "median time between": [
    timeBetween({ from: eventType("cart"), to: eventType("purchase", "view"), value: "quantile" }),
    days(2),
  ],
  "session length's quantile": [sessions({ value: "length", q: 0.95 }), days(2)],
} as const;

const LISTS: Readonly<Record<string, string>> = { funnel: "step", retention: "return" };

for (const [name, [shape, spanMs]] of Object.entries(SHAPES)) {
  const list = name === "funnel's time" ? undefined : LISTS[shape.spec.kind];
  const dims = list === undefined ? [COUNTRY] : [list, COUNTRY];
  const reducer = perUser(shape as never, { sample: 64 }).inside?.(dims) as PerUserReducer<unknown>;
  const event = eventIn(spanMs);
  reducerLaws({ test: (law, fn) => test(`${name}: ${law}`, fn) }, reducer, {
    items(random) {
      for (;;) {
        const item = reducer.items(columnsOf([event(random)]))(0);
        if (item !== undefined) return item;
      }
    },
    events: event,
    guard: forbidAmbient,
    size: 25,
    trials: 2,
    window: windowOf(0, DAY_MS),
    dims: list === undefined ? [COUNTRY] : [list],
    bounds: { sizes: [0, 10, 300], trials: 24 },
    growth: { items: 2000, limitBytes: 131_072 },
  });
}
