// The key that decides an event's partition: `tenant:who`, who being the user id, else the anonymous id,
// else the session id, else the event id. So a retry lands where its first copy did, a user's events stay
// in order, and no user stands in two partitions. Hashed with Kafka's murmur2 (hash/murmur2.ts).
import type { EventFacts } from "./event-facts.ts";
import { ownBytes, type TakeBytes } from "./record.ts";

const COLON = 0x3a;

/** Whose event it is, as text slices that validation found. */
export function partitionKey(
  facts: EventFacts,
  tenant: Uint8Array,
  take: TakeBytes = ownBytes,
): Uint8Array {
  const who =
    facts.userId.length > 0
      ? facts.userId
      : facts.anonymousId.length > 0
        ? facts.anonymousId
        : facts.sessionId.length > 0
          ? facts.sessionId
          : facts.eventId;
  const key = take(tenant.length + 1 + who.length);
  let at = 0;
  for (let i = 0; i < tenant.length; i++) key[at++] = tenant[i]!;
  key[at++] = COLON;
  for (let i = who.from; i < who.until; i++) key[at++] = who.bytes[i]!;
  return key;
}
