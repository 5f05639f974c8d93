// The hashes of an event that its record carries: four lanes of the event id's UTF-8, and two of the
// user key, which is `u` and the user id, or `a` and the anonymous id.
import { murmur3Lanes } from "../hash/murmur3.ts";
import { USER_ANONYMOUS, USER_ID, USER_NONE } from "./event-columns.ts";
import type { EventFacts } from "./event-facts.ts";

const key = new Uint8Array(1024);
const lanes = new Uint32Array(4);
/** The first byte of a user's text, by user kind. */
export const USER_PREFIXES = Uint8Array.of(0, 0x75, 0x61);

/** USER_* of an event. */
export function userKindOf(facts: EventFacts): number {
  if (facts.userId.length > 0) return USER_ID;
  return facts.anonymousId.length > 0 ? USER_ANONYMOUS : USER_NONE;
}

/** Writes the four lanes to `ids[at …]`. */
export function hashEventId(facts: EventFacts, ids: Uint32Array, at: number): void {
  const { bytes, from, until } = facts.eventId;
  murmur3Lanes(bytes, from, until, ids, at);
}

/** Writes the two lanes to `users[at …]`, zeros without a user; returns USER_*. */
export function hashUser(facts: EventFacts, users: Uint32Array, at: number): number {
  const kind = userKindOf(facts);
  if (kind === USER_NONE) {
    users[at] = 0;
    users[at + 1] = 0;
    return kind;
  }
  const who = kind === USER_ID ? facts.userId : facts.anonymousId;
  key[0] = USER_PREFIXES[kind]!;
  for (let i = who.from, j = 1; i < who.until; i++) key[j++] = who.bytes[i]!;
  murmur3Lanes(key, 0, 1 + who.length, lanes);
  users[at] = lanes[0]!;
  users[at + 1] = lanes[1]!;
  return kind;
}
