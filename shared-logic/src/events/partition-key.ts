// The key that decides an event's partition: `tenant:who`, who being the user id, else the anonymous id,
// else the session id, else the event id. So a retry lands where its first copy did, a user's events stay
// in order, and no user stands in two partitions. Hashed with Kafka's murmur2 (hash/murmur2.ts).
import type { EventFacts } from "./event-facts.ts";

const COLON = 0x3a;

/** Whose event it is, as text slices that validation found. */
export function partitionKey(facts: EventFacts, tenant: Uint8Array): Uint8Array {
  const who =
    facts.userId.length > 0
      ? facts.userId
      : facts.anonymousId.length > 0
        ? facts.anonymousId
        : facts.sessionId.length > 0
          ? facts.sessionId
          : facts.eventId;
  const key = new Uint8Array(tenant.length + 1 + who.length);
  key.set(tenant);
  key[tenant.length] = COLON;
  for (let i = who.from, at = tenant.length + 1; i < who.until; i++) key[at++] = who.bytes[i]!;
  return key;
}
