// The time of live streams in tests: it stands still until it is moved on.
import type { Pace } from "@tandem/serving";

interface Sleeper {
  readonly atMs: number;
  readonly wake: () => void;
}

export class HandPace implements Pace {
  private nowMs = 0;
  private sleepers: Sleeper[] = [];

  now(): number {
    return this.nowMs;
  }

  sleep(ms: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      if (signal.aborted) return resolve();
      const sleeper = { atMs: this.nowMs + ms, wake: resolve };
      this.sleepers.push(sleeper);
      signal.addEventListener("abort", () => {
        this.sleepers = this.sleepers.filter((s) => s !== sleeper);
        resolve();
      });
    });
  }

  /** In steps, with a turn of the event loop for what wakes. */
  async advance(ms: number, stepMs = 50): Promise<void> {
    for (const until = this.nowMs + ms; this.nowMs < until; ) {
      this.nowMs = Math.min(until, this.nowMs + stepMs);
      const due = this.sleepers.filter((s) => s.atMs <= this.nowMs);
      this.sleepers = this.sleepers.filter((s) => s.atMs > this.nowMs);
      for (const { wake } of due) wake();
      for (let i = 0; i < 20; i++) await new Promise(setImmediate);
    }
  }
}
