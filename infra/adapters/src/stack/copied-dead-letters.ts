// Dead letters of which listeners get a copy: the very line that the store keeps, cut where it cuts, keyed
// by tenant. The copy needs no store and the store no listener: each works while the other does not.
import { DEAD_LETTER_LIMITS, type DeadLetters, type Notifications } from "@tandem/shared-logic";
import { encodeLine } from "../embedded/dead-letter-line.ts";

const encoder = new TextEncoder();
const LINE_FEED_BYTES = 1;

export function copiedDeadLetters(
  kept: Pick<DeadLetters, "add">,
  notifications: Pick<Notifications, "publish">,
  entryBytes = DEAD_LETTER_LIMITS.entryBytes,
): Pick<DeadLetters, "add"> {
  return {
    add(events) {
      for (const event of events) {
        const line = encodeLine(event, entryBytes);
        const value = line.subarray(0, line.length - LINE_FEED_BYTES);
        notifications.publish("dead_letters", encoder.encode(event.tenant), value);
      }
      return kept.add(events);
    },
  };
}
