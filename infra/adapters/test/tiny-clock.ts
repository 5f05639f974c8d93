// Virtual time for the tests of this package: it stands still until `pass` moves it on, sleeper by
// sleeper, and lets pending work have its turns in between. `mortal` is the clock of one process.
import { setImmediate as breathe } from "node:timers/promises";
import { type Clock, type EpochMs, type StopSignal, TandemError } from "@tandem/shared-logic";

interface Sleeper {
  readonly atMs: number;
  readonly wake: () => void;
}

export class TinyClock implements Clock {
  private nowMs: number;
  private sleepers: Sleeper[] = [];

  constructor(nowMs = 1_570_000_000_500) {
    this.nowMs = nowMs;
  }

  now(): EpochMs {
    return this.nowMs as EpochMs;
  }

  sleep(ms: number, signal?: StopSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const cancel = (): void => {
        this.sleepers = this.sleepers.filter((s) => s !== sleeper);
        reject(new TandemError("cancelled"));
      };
      const wake = (): void => {
        signal?.removeEventListener("abort", cancel);
        resolve();
      };
      const sleeper = { atMs: this.nowMs + ms, wake };
      if (signal?.aborted) return cancel();
      signal?.addEventListener("abort", cancel, { once: true });
      this.sleepers.push(sleeper);
    });
  }

  async pass(ms: number): Promise<void> {
    const untilMs = this.nowMs + ms;
    for (let wakes = 0; wakes < 1_000; wakes++) {
      for (let turn = 0; turn < 3; turn++) await breathe();
      const due = this.sleepers.filter((s) => s.atMs <= untilMs).sort((a, b) => a.atMs - b.atMs)[0];
      if (due === undefined) {
        this.nowMs = untilMs;
        return;
      }
      this.sleepers = this.sleepers.filter((s) => s !== due);
      this.nowMs = Math.max(this.nowMs, due.atMs);
      due.wake();
    }
    throw new Error("somebody wakes up again and again");
  }

  /** A view of this clock on which nobody wakes up any more once `kill` was called. */
  mortal(): { readonly clock: Clock; readonly kill: () => void } {
    let dead = false;
    const clock: Clock = {
      now: () => this.now(),
      sleep: async (ms, signal) => {
        await this.sleep(ms, signal);
        if (dead) await new Promise(() => {});
      },
    };
    const kill = (): void => {
      dead = true;
    };
    return { clock, kill };
  }
}
