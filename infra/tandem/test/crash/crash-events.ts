// The events of the crash tests: event n of life k is a function of (k, n), so that any life can send a
// copy of any event of any life before it, and so that what is acknowledged can be told by its id.
import { below, type EpochMs, formatInstant, HOUR_MS, seededRandom } from "@tandem/shared-logic";

const TYPES = ["page_view", "page_view", "page_view", "click", "purchase", "error"] as const;

/** `baseMs`: of the directory; events lie in the 18 hours after it, a few up to 30 hours before. */
export function crashEvent(baseMs: number, life: number, n: number): Record<string, unknown> {
  const random = seededRandom(life * 7919 + n);
  const user = below(random, 40);
  const early = below(random, 33) === 0 ? 12 * HOUR_MS + below(random, 18 * HOUR_MS) : 0;
  const type = TYPES[below(random, TYPES.length)] ?? "click";
  return {
    event_id: `${life}-${n}`,
    event_type: type,
    timestamp: formatInstant((baseMs - early + below(random, 18 * HOUR_MS)) as EpochMs),
    user_id: user === 0 ? null : `u${user}`,
    anonymous_id: `a${user}`,
    properties: {
      country: ["US", "DE", null][user % 3] ?? null,
      ...(type === "purchase" ? { price: (100 + below(random, 9000)) / 100 } : {}),
    },
    context: { platform: user % 2 === 0 ? "web" : "ios" },
  };
}
