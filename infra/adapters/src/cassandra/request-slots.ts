// Limits how many requests a session has under way, first come first served, so that a large flush waits
// here and not in the cluster; and bounds each of them in time, the wait for its turn included.
import { unavailable } from "./driver-errors.ts";

export class RequestSlots {
  private free: number;
  private readonly waiting = new Set<() => void>();

  constructor(slots: number) {
    this.free = slots;
  }

  /** Runs `work` in its turn. Past the limit it is abandoned, whatever becomes of it later. */
  run<T>(limitMs: number, work: () => Promise<T>): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      let running = false;
      let over = false;
      const end = (settle: () => void): void => {
        if (over) return;
        over = true;
        clearTimeout(timer);
        if (running) this.give();
        else this.waiting.delete(start);
        settle();
      };
      const start = (): void => {
        running = true;
        work().then(
          (value) => end(() => resolve(value)),
          (error: unknown) => end(() => reject(error)),
        );
      };
      const timer = setTimeout(
        () => end(() => reject(unavailable(`no answer within ${limitMs} ms`))),
        limitMs,
      );
      if (this.free > 0) {
        this.free--;
        start();
      } else this.waiting.add(start);
    });
  }

  private give(): void {
    const next = this.waiting.values().next();
    if (next.done) {
      this.free++;
      return;
    }
    this.waiting.delete(next.value);
    next.value();
  }
}
