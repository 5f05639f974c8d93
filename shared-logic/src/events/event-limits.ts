// How large an event may be, and what is read of it.
import { DEFAULT_DEPTH } from "./scanner/json-scanner.ts";

export interface EventLimits {
  /** Of one event's JSON. */
  readonly eventBytes: number;
  /** Nested objects and arrays, the event itself included. */
  readonly depth: number;
  /** Whether `received_at` is read: for imports, where it says when the event first arrived. */
  readonly imported?: boolean;
}
export const DEFAULT_EVENT_LIMITS: EventLimits = { eventBytes: 1_000_000, depth: DEFAULT_DEPTH };
/** Of an id or an event type, as UTF-8. */
export const ID_BYTES = 200;
