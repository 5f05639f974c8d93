// The time of an event, decided once by the collector and stored in its record, so that every reader of
// the log agrees on the day. A client whose clock is off shows it by its `sent_at`.
import { FLAG_CLOCK_CORRECTED, FLAG_FUTURE, FLAG_TOO_LATE } from "./event-columns.ts";

/** A clock may differ by this much, and an event lie this far ahead, before anything is done. */
export const CLOCK_TOLERANCE_MS = 5 * 60_000;
/** Events older than this are flagged: folded by both layers, but no heal starts by itself. */
export const TOO_LATE_MS = 72 * 3_600_000;

export interface DecidedTime {
  readonly timeMs: number;
  /** FLAG_CLOCK_CORRECTED, FLAG_FUTURE and FLAG_TOO_LATE, as they apply. */
  readonly flags: number;
}

/**
 * 1. Where `sentAtMs` and `receivedMs` differ by more than 5 minutes the clock is corrected: the time is
 *    `sentMs + (receivedMs − sentAtMs)`, never before 1970; else it is `sentMs`.
 * 2. A time later than `receivedMs` + 5 minutes becomes `receivedMs`.
 * 3. A time more than 72 hours before `receivedMs` is too late.
 */
export function decideTime(
  sentMs: number,
  sentAtMs: number | undefined,
  receivedMs: number,
): DecidedTime {
  let timeMs = sentMs;
  let flags = 0;
  if (sentAtMs !== undefined && Math.abs(receivedMs - sentAtMs) > CLOCK_TOLERANCE_MS) {
    timeMs = Math.max(0, sentMs + (receivedMs - sentAtMs));
    flags |= FLAG_CLOCK_CORRECTED;
  }
  if (timeMs > receivedMs + CLOCK_TOLERANCE_MS) {
    timeMs = receivedMs;
    flags |= FLAG_FUTURE;
  }
  if (timeMs < receivedMs - TOO_LATE_MS) flags |= FLAG_TOO_LATE;
  return { timeMs, flags };
}
