// The computer's time. `now` stands still while the computer's clock is set back; sleeps are measured
// by the monotonic clock, so setting the time neither shortens nor lengthens them.
import type { Clock, EpochMs } from "@tandem/shared-logic";
import { stoppableSleep } from "./stoppable-sleep.ts";

/** setTimeout's largest delay. */
const LONGEST_MS = 2 ** 31 - 1;

/** Calls `wake` once `ms` have really passed; returns what takes it back. */
export function wakeAfter(ms: number, wake: () => void): () => void {
  const due = performance.now() + ms;
  let timer: NodeJS.Timeout;
  const arm = () => {
    const left = due - performance.now();
    // A timer may fire a little early, and the longest waits take several.
    if (left <= 0) wake();
    else timer = setTimeout(arm, Math.min(Math.ceil(left), LONGEST_MS));
  };
  timer = setTimeout(arm, Math.min(Math.ceil(Math.max(ms, 0)), LONGEST_MS));
  return () => clearTimeout(timer);
}

export function systemClock(): Clock {
  let latest = Number.NEGATIVE_INFINITY;
  return {
    now() {
      latest = Math.max(latest, Date.now());
      return latest as EpochMs;
    },
    sleep: (ms, signal) => stoppableSleep((wake) => wakeAfter(ms, wake), signal),
  };
}
