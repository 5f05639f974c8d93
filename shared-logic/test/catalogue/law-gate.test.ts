// The law gate: a metric's reducer enters the catalogue only if it keeps all laws of testing/reducer-laws.ts.
import { test } from "node:test";
import { catalogue } from "../../src/catalogue/catalogue.ts";
import { readyMetrics } from "../../src/catalogue/ready-metrics.ts";
import { canonicalJson } from "../../src/metrics/fingerprint-of.ts";
import { below, type Random } from "../../src/ports/random.ts";
import { columnsOf, type PlainEvent } from "../../src/testing/columns-of.ts";
import { reducerLaws } from "../../src/testing/reducer-laws.ts";
import { DAY_MS, HOUR_MS } from "../../src/time/epoch-ms.ts";

const OCTOBER_1_2019_MS = 1_569_888_000_000;

const pick = <T>(random: Random, ...of: readonly T[]): T => of[below(random, of.length)] as T;

/** Half of the events are of a few busy users, some of nobody; times reach over the day's edges. */
function event(random: Random): PlainEvent {
  const user = below(random, 2) === 0 ? below(random, 8) : below(random, 2 ** 24);
  return {
    event_id: `${random.u32()}`,
    event_type: pick(random, "view", "cart", "purchase", "error", "\u{1F600}"),
    timestamp: OCTOBER_1_2019_MS - HOUR_MS + below(random, DAY_MS + 2 * HOUR_MS),
    ...pick(
      random,
      { user_id: `${user}` },
      { user_id: `${user}` },
      { anonymous_id: `${user}` },
      {},
    ),
    context: pick(random, { platform: "web" }, { platform: "ios" }, {}),
    properties: {
      price: pick<unknown>(random, below(random, 10 ** 6) / 100, -1.5, 0.0001, "7", null),
      country: pick(random, "DE", "US", null, "\u{FF21}"),
      duration_ms: pick<unknown>(random, below(random, 10 ** 7) / 1000, 0, "slow"),
      path: pick(random, "/", `/${below(random, 300)}`, null),
      product_id: `${below(random, 300)}`,
      order_id: `${random.u32()}`,
    },
  };
}

const GATE = {
  trials: 6,
  bounds: { sizes: [0, 10, 300], trials: 30 },
  growth: { items: 8_000, limitBytes: 131_072 },
};
/** The reducers of ready metrics have tests of their own, which try them harder. */
const QUICK_GATE = {
  trials: 1,
  seeds: [1],
  size: 15,
  bounds: { sizes: [0, 10, 60], trials: 8 },
  growth: { items: 500, limitBytes: 131_072 },
};

const seen = new Set<string>();
for (const m of [...catalogue, ...readyMetrics]) {
  const { reducer } = m;
  const text = canonicalJson([reducer.spec, reducer.selects as never]);
  if (seen.has(text)) continue;
  seen.add(text);
  reducerLaws({ test: (name, fn) => test(`${m.name}: ${name}`, fn) }, reducer, {
    items(random) {
      for (let tries = 0; tries < 1000; tries++) {
        const item: unknown = reducer.items(columnsOf([event(random)]))(0);
        if (item !== undefined) return item;
      }
      throw new TypeError(`${m.name} reads nothing of the gate's events`);
    },
    events: event,
    ...(catalogue.includes(m) ? GATE : QUICK_GATE),
    ...(m.by[0] === undefined ? {} : { dims: m.by[0] }),
  });
}
