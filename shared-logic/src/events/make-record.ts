// An accepted event as a log record: what the collector decides once, in the header, then the JSON as it
// came. Pure: equal facts, tenant and received time give equal bytes.
import { decideTime } from "./decide-time.ts";
import { FLAG_IMPORTED } from "./event-columns.ts";
import type { EventFacts } from "./event-facts.ts";
import { hashEventId, hashUser } from "./event-hashes.ts";
import { encodeSlices, type TakeBytes } from "./record.ts";

const idHash = new Uint32Array(4);
const userHash = new Uint32Array(2);

/** When an imported event counts as received: where it says so, else when it happened. */
export const importReceivedMs = (facts: EventFacts): number => facts.receivedAtMs ?? facts.sentMs;

/** The record of `facts`; the bytes are the caller's. `tenant` is UTF-8. */
export function makeRecord(
  facts: EventFacts,
  tenant: Uint8Array,
  receivedMs: number,
  take?: TakeBytes,
): Uint8Array {
  return record(facts, tenant, receivedMs, facts.sentAtMs, 0, take);
}

/** The record of an imported event: `sent_at` says nothing about a clock then. */
export function makeImportedRecord(
  facts: EventFacts,
  tenant: Uint8Array,
  take?: TakeBytes,
): Uint8Array {
  return record(facts, tenant, importReceivedMs(facts), undefined, FLAG_IMPORTED, take);
}

function record(
  facts: EventFacts,
  tenant: Uint8Array,
  receivedMs: number,
  sentAtMs: number | undefined,
  flags: number,
  take: TakeBytes | undefined,
): Uint8Array {
  const decided = decideTime(facts.sentMs, sentAtMs, receivedMs);
  hashEventId(facts, idHash, 0);
  const userKind = hashUser(facts, userHash, 0);
  return encodeSlices(
    {
      flags: decided.flags | flags,
      userKind,
      idHash,
      userHash,
      sentMs: facts.sentMs,
      timeMs: decided.timeMs,
      receivedMs,
      tenant,
    },
    facts.eventType,
    facts.json,
    take,
  );
}
