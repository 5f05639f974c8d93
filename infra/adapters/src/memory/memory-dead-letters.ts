// Dead letters in memory: gone with the process.
import {
  type Clock,
  DEAD_LETTER_LIMITS,
  type DeadLetter,
  type DeadLetterLimits,
  type DeadLetters,
  type RejectedEvent,
} from "@tandem/shared-logic";

/** What an entry takes beside its event: a fair guess, so that tiny events are not free. */
const ENVELOPE_BYTES = 200;

export function memoryDeadLetters(
  clock: Clock,
  limits: DeadLetterLimits = DEAD_LETTER_LIMITS,
): DeadLetters {
  const kept: DeadLetter[] = [];
  let next = 0;
  let sizeBytes = 0;
  let dropped = 0;

  const sizeOf = (e: DeadLetter): number => ENVELOPE_BYTES + e.bytes.length;
  const fresh = (e: DeadLetter): boolean => e.receivedMs + limits.retentionMs > clock.now();

  function removeOldest(): void {
    const oldest = kept.shift();
    if (oldest !== undefined) sizeBytes -= sizeOf(oldest);
  }

  function addOne(event: RejectedEvent): void {
    const bytes = event.bytes.slice(0, limits.entryBytes);
    const eventBytes = event.bytes.length;
    const id = String(next++).padStart(16, "0");
    const entry = { ...event, id, bytes, eventBytes, truncated: bytes.length < eventBytes };
    kept.push(entry);
    sizeBytes += sizeOf(entry);
    while (sizeBytes > limits.totalBytes && kept.length > 1) {
      removeOldest();
      dropped++;
    }
  }

  function expire(): void {
    while (kept[0] !== undefined && !fresh(kept[0])) removeOldest();
  }

  return {
    async add(events) {
      expire();
      for (const event of events) addOne(event);
    },
    async list({ tenant, after = "", limit }) {
      expire();
      return kept
        .filter((e) => e.id > after && (tenant === undefined || e.tenant === tenant))
        .slice(0, limit);
    },
    async count() {
      expire();
      return { entries: kept.length, sizeBytes, dropped };
    },
    async close() {},
  };
}
