// Time from outside. Nothing in Tandem reads a clock but through this port.
//
// 1. `now` never goes back within one process.
// 2. `sleep` resolves after at least `ms` of the clock's own time (a scaled clock scales it), or
//    rejects with `cancelled` as soon as the signal aborts; a signal already aborted rejects at once.
// 3. A sleep keeps the process alive no longer than it is awaited: an aborted one leaves no timer.
import type { EpochMs } from "../time/epoch-ms.ts";

/** The part of AbortSignal that the ports need. */
export interface StopSignal {
  readonly aborted: boolean;
  addEventListener(type: "abort", listener: () => void, options?: { once?: boolean }): void;
  removeEventListener(type: "abort", listener: () => void): void;
}

export interface Clock {
  now(): EpochMs;
  sleep(ms: number, signal?: StopSignal): Promise<void>;
}
