// The events of the real drill: event n is a function of seed and n, so that a copy is the same bytes; and
// the same event as a plain recount sees it.
import { below, type EpochMs, formatInstant, HOUR_MS, seededRandom } from "@tandem/shared-logic";
import type { PlainEvent } from "../../test/parity/plain-oracle.ts";

const TYPES = ["page_view", "page_view", "page_view", "click", "purchase", "error"] as const;
const COUNTRIES = ["US", "DE", null] as const;
/** Copies that come hours later are still told by the filters, which reach 24 h. */
const SPREAD_MS = 18 * HOUR_MS;

export interface DrillEvent {
  readonly json: string;
  readonly plain: PlainEvent;
}

/** Happened in the 18 hours before `baseMs`. */
export function drillEvent(seed: number, baseMs: number, n: number, tenant: string): DrillEvent {
  const random = seededRandom(seed * 1_000_003 + n);
  const user = below(random, 60);
  const type = TYPES[below(random, TYPES.length)] ?? "click";
  const timeMs = baseMs - below(random, SPREAD_MS);
  const price = (100 + below(random, 9000)) / 100;
  const id = `${seed}-${n}`;
  const country = COUNTRIES[user % 3] ?? null;
  const platform = user % 2 === 0 ? "web" : "ios";
  const json = JSON.stringify({
    event_id: id,
    event_type: type,
    timestamp: formatInstant(timeMs as EpochMs),
    user_id: `u${user}`,
    properties: { country, ...(type === "purchase" ? { price } : {}) },
    context: { platform },
  });
  const plain: PlainEvent = {
    tenant,
    timeMs,
    id,
    type,
    user: `u${user}`,
    platform,
    country,
    price: type === "purchase" ? price : undefined,
  };
  return { json, plain };
}
