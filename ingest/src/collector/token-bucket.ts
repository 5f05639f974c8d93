// One token bucket per API key, in events. How many events a request holds is known only once it was
// read, so a request is let in while tokens are left and its events are taken off afterwards; what
// it takes beyond zero is a debt that the next ones wait for. Memory: one entry per key seen.
import type { Clock } from "@tandem/shared-logic";
import type { RateLimit } from "./collector-limits.ts";

export interface RateLimiter {
  /** 0 where the key may send now, else how long until it may. */
  waitMs(keyId: string): number;
  spend(keyId: string, events: number): void;
}

interface Bucket {
  tokens: number;
  atMs: number;
}

export function rateLimiter(rate: RateLimit, clock: Clock): RateLimiter {
  const buckets = new Map<string, Bucket>();

  function filled(keyId: string): Bucket {
    const now = clock.now();
    const bucket = buckets.get(keyId);
    if (bucket === undefined) {
      const full = { tokens: rate.burstEvents, atMs: now };
      buckets.set(keyId, full);
      return full;
    }
    const gained = ((now - bucket.atMs) * rate.eventsPerSecond) / 1000;
    bucket.tokens = Math.min(rate.burstEvents, bucket.tokens + gained);
    bucket.atMs = now;
    return bucket;
  }

  return {
    waitMs(keyId) {
      const { tokens } = filled(keyId);
      return tokens > 0 ? 0 : Math.floor((-tokens * 1000) / rate.eventsPerSecond) + 1;
    },
    spend(keyId, events) {
      filled(keyId).tokens -= events;
    },
  };
}
