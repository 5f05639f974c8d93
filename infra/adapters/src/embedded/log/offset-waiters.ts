// Those who wait for a partition to grow. No polling: each is woken by the append it waits for, by
// its timeout or by its signal, and leaves nothing behind.
import type { Clock, StopSignal } from "@tandem/shared-logic";

interface Waiter {
  readonly above: number;
  readonly wake: () => void;
}

export class OffsetWaiters {
  private readonly clock: Clock;
  private waiting: Waiter[] = [];

  constructor(clock: Clock) {
    this.clock = clock;
  }

  /** Resolves once `wake` is told an end above `above`, after `timeoutMs` or on abort. */
  async wait(above: number, timeoutMs: number, signal?: StopSignal): Promise<void> {
    if (signal?.aborted) return;
    const stop = new AbortController();
    const wake = () => stop.abort();
    const waiter = { above, wake };
    this.waiting.push(waiter);
    signal?.addEventListener("abort", wake, { once: true });
    // Rejects with `cancelled` when woken; that is no failure here.
    await this.clock.sleep(timeoutMs, stop.signal).catch(() => undefined);
    signal?.removeEventListener("abort", wake);
    this.waiting = this.waiting.filter((w) => w !== waiter);
  }

  wake(end: number): void {
    for (const w of this.waiting) if (end > w.above) w.wake();
  }
}
