// A clock that starts at a given moment and runs `scale` times as fast as the real one: a day of the
// demo passes in minutes. `now` follows the monotonic clock and so never goes back.
import { type Clock, type EpochMs, plusMs } from "@tandem/shared-logic";
import { stoppableSleep } from "./stoppable-sleep.ts";
import { wakeAfter } from "./system-clock.ts";

/** One real second is `scale` seconds of this clock. */
export function scaledClock(start: EpochMs, scale: number): Clock {
  if (!(scale > 0 && Number.isFinite(scale))) throw new RangeError(`scale ${scale}`);
  const begun = performance.now();
  return {
    now: () => plusMs(start, Math.floor((performance.now() - begun) * scale)),
    sleep: (ms, signal) => stoppableSleep((wake) => wakeAfter(ms / scale, wake), signal),
  };
}
