// A seeded simulation of an app's users: sessions of page views, carts and purchases, phones that are
// offline for hours, phones whose clock is wrong, retries that arrive twice, a burst, and one robot. Pure:
// equal options, equal events. What it yields are deliveries, in the order the collector gets them.
import {
  below,
  DAY_MS,
  type EpochMs,
  formatInstant,
  HOUR_MS,
  MINUTE_MS,
  type Random,
  seededRandom,
  unit,
} from "@tandem/shared-logic";

export interface AppOptions {
  readonly seed: number;
  readonly users: number;
  /** First moment of activity. */
  readonly from: EpochMs;
  readonly days: number;
  /** Mean sessions per user and day. Default 1.5. */
  readonly sessionsPerDay?: number;
}

export interface Delivery {
  /** When the collector receives it. */
  readonly atMs: EpochMs;
  readonly event: AppEvent;
  /** A copy of one delivered before. */
  readonly copy: boolean;
}

export interface AppEvent {
  readonly event_id: string;
  readonly event_type: string;
  /** By the device's clock. */
  readonly timestamp: string;
  readonly sent_at: string;
  readonly user_id: string | null;
  readonly anonymous_id: string;
  readonly session_id: string;
  readonly properties: Readonly<Record<string, string | number | null>>;
  readonly context: Readonly<Record<string, string>>;
}

const PLATFORMS = ["web", "ios", "android", "tv"] as const;
const COUNTRIES = ["US", "DE", "BR", "IN", "FR", "JP", null] as const;
const BRANDS = ["aqua", "shiseido", "acme", "zeta", "omni"] as const;
const SECOND_MS = 1000;

interface User {
  readonly id: number;
  readonly platform: string;
  readonly country: string | null;
  /** Device clock minus true time. */
  readonly skewMs: number;
  /** Sends what it has only every so often; 0: at once. */
  readonly offlineMs: number;
  readonly activity: number;
  readonly anonymous: boolean;
}

/** All deliveries, by time of receipt. About 2 to 4 % are copies. */
export function appDeliveries(options: AppOptions): Delivery[] {
  const random = seededRandom(options.seed);
  const users = Array.from({ length: options.users }, (_, id) => makeUser(random, id));
  const deliveries: Delivery[] = [];
  for (const user of users) {
    for (let day = 0; day < options.days; day++) {
      const mean = (options.sessionsPerDay ?? 1.5) * user.activity;
      const sessions = Math.floor(mean) + (unit(random) < mean % 1 ? 1 : 0);
      for (let s = 0; s < sessions; s++) {
        // People are awake: two draws make the afternoon likelier.
        const at = options.from + day * DAY_MS + ((unit(random) + unit(random)) / 2) * DAY_MS;
        session(random, user, at, `${user.id}-${day}-${s}`, deliveries);
      }
    }
  }
  burst(random, users, options, deliveries);
  robot(random, options, deliveries);
  return deliveries.sort(
    (a, b) => a.atMs - b.atMs || (a.event.event_id < b.event.event_id ? -1 : 1),
  );
}

function makeUser(random: Random, id: number): User {
  const late = below(random, 12) === 0;
  const skewed = below(random, 15) === 0;
  return {
    id,
    platform: PLATFORMS[below(random, PLATFORMS.length)] ?? "web",
    country: COUNTRIES[below(random, COUNTRIES.length)] ?? null,
    skewMs: skewed ? Math.round((unit(random) - 0.5) * 6 * HOUR_MS) : 0,
    offlineMs: late ? Math.round((1 + unit(random) * 19) * HOUR_MS) : 0,
    activity: 0.3 + 2 / (1 + (id % 20)),
    anonymous: below(random, 8) === 0,
  };
}

function session(random: Random, user: User, start: number, name: string, into: Delivery[]): void {
  let at = start;
  const length = 1 + below(random, 12);
  for (let i = 0; i < length; i++) {
    const roll = unit(random);
    const type =
      roll < 0.7
        ? "page_view"
        : roll < 0.85
          ? "click"
          : roll < 0.93
            ? "add_to_cart"
            : roll < 0.98
              ? "purchase"
              : "error";
    deliver(random, user, at, type, `${name}-${i}`, name, into);
    at += SECOND_MS + below(random, 3 * MINUTE_MS);
    // Sometimes the phone is put away for a while: up to the edge of a new session and beyond.
    if (below(random, 15) === 0) at += 25 * MINUTE_MS + below(random, 10 * MINUTE_MS);
  }
}

function deliver(
  random: Random,
  user: User,
  at: number,
  type: string,
  id: string,
  sessionId: string,
  into: Delivery[],
): void {
  const trueMs = Math.round(at);
  const waits = user.offlineMs === 0 ? 0 : user.offlineMs - (trueMs % user.offlineMs);
  const atMs = (trueMs + waits + below(random, 2 * SECOND_MS)) as EpochMs;
  const properties =
    type === "purchase"
      ? {
          price: (99 + below(random, 50_000)) / 100,
          brand: BRANDS[below(random, BRANDS.length)] ?? null,
          country: user.country,
        }
      : { page: `/p${below(random, 40)}`, country: user.country };
  const event = (sentMs: number): AppEvent => ({
    event_id: `e-${id}`,
    event_type: type,
    timestamp: formatInstant((trueMs + user.skewMs) as EpochMs),
    sent_at: formatInstant((sentMs + user.skewMs) as EpochMs),
    user_id: user.anonymous ? null : `u${user.id}`,
    anonymous_id: `a${user.id}`,
    session_id: `s-${sessionId}`,
    properties,
    context: { platform: user.platform },
  });
  into.push({ atMs, event: event(atMs), copy: false });
  const roll = below(random, 100);
  if (roll < 2) again(atMs + 50 + below(random, 5 * SECOND_MS));
  else if (roll < 3) again(atMs + below(random, 40 * HOUR_MS));
  function again(copyMs: number): void {
    const resent = Math.round(copyMs) as EpochMs;
    into.push({ atMs: resent, event: event(resent), copy: true });
  }
}

/** Twenty events a second for a minute, as when a message goes out to everybody. */
function burst(
  random: Random,
  users: readonly User[],
  options: AppOptions,
  into: Delivery[],
): void {
  const start = options.from + 18 * HOUR_MS;
  for (let i = 0; i < Math.min(1200, options.users * 5); i++) {
    const user = users[below(random, users.length)];
    if (user)
      deliver(
        random,
        user,
        start + unit(random) * MINUTE_MS,
        "page_view",
        `burst-${i}`,
        `burst-${user.id}`,
        into,
      );
  }
}

/** One that never sleeps: an event every 35 minutes, each a session of its own. */
function robot(random: Random, options: AppOptions, into: Delivery[]): void {
  const user: User = {
    id: -1,
    platform: "web",
    country: "US",
    skewMs: 0,
    offlineMs: 0,
    activity: 1,
    anonymous: false,
  };
  for (let at = 0; at < options.days * DAY_MS; at += 35 * MINUTE_MS) {
    deliver(random, user, options.from + at, "page_view", `robot-${at}`, "robot", into);
  }
}
