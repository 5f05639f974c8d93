// A stop signal with its switch, for where there is no AbortController. Listeners are told once.
import type { StopSignal } from "../ports/clock.ts";

export class StopSwitch implements StopSignal {
  private readonly listeners = new Set<() => void>();
  private stopped = false;

  get aborted(): boolean {
    return this.stopped;
  }

  stop(): void {
    if (this.stopped) return;
    this.stopped = true;
    const told = [...this.listeners];
    this.listeners.clear();
    for (const listener of told) listener();
  }

  addEventListener(_type: "abort", listener: () => void): void {
    if (!this.stopped) this.listeners.add(listener);
  }

  removeEventListener(_type: "abort", listener: () => void): void {
    this.listeners.delete(listener);
  }
}
