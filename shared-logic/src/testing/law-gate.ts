// The law gate: a metric's reducer enters only if it keeps all laws of reducer-laws.ts over events made from what the
// metric declares. Items are read off one batch of columns, a pool, and drawn from it: what a law is broken on is then
// a list of events, which judge-metric.ts makes small.
import { seededRandom } from "../ports/random.ts";
import { columnsOf, type PlainEvent } from "./columns-of.ts";
import { type Declared, gateEvents } from "./gate-events.ts";
import type { LawOptions } from "./law-options.ts";
import { type LawSuite, reducerLaws } from "./reducer-laws.ts";

/** Large enough that a bound is not tried on the same set again and again. */
const POOL_EVENTS = 8192;

export interface GateOptions
  extends Pick<LawOptions<unknown>, "seeds" | "trials" | "size" | "guard" | "bounds" | "growth"> {
  /** Events to draw from; else they are made from the first seed. */
  readonly pool?: readonly PlainEvent[];
}

/** A gate that lasts about a second per reducer. */
export const GATE: GateOptions = {
  trials: 4,
  bounds: { sizes: [0, 10, 300], trials: 24 },
  growth: { items: 8_000, limitBytes: 131_072 },
};

/** One of a few tenths of a second. */
export const QUICK_GATE: GateOptions = {
  trials: 2,
  seeds: [1],
  size: 15,
  bounds: { sizes: [0, 10, 60], trials: 8 },
  growth: { items: 500, limitBytes: 131_072 },
};

export function poolOf(declared: Declared, seed: number, events = POOL_EVENTS): PlainEvent[] {
  const random = seededRandom(seed);
  const event = gateEvents(declared);
  return Array.from({ length: events }, () => event(random));
}

/** Puts a metric's reducer through all laws; a TypeError where it reads nothing of the pool. */
export function lawGate(suite: LawSuite, declared: Declared, options: GateOptions = GATE): void {
  const { reducer, by } = declared;
  const { pool = poolOf(declared, options.seeds?.[0] ?? 1), ...laws } = options;
  const itemOf = reducer.items(columnsOf(pool));
  const items = pool.map((_, row): unknown => itemOf(row)).filter((item) => item !== undefined);
  if (items.length === 0) throw new TypeError("the reducer reads nothing of the gate's events");
  reducerLaws(suite, reducer, {
    ...laws,
    items: (random) => items[random.u32() % items.length],
    events: (random) => pool[random.u32() % pool.length] ?? {},
    ...(by?.[0] === undefined ? {} : { dims: by[0] }),
  });
}
