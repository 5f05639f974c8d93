// Virtual time for tests and simulations: it stands still until `advance` moves it, and wakes sleepers
// in the order they are due, equal ones in the order they came.
import { type Clock, type EpochMs, plusMs, type StopSignal } from "@tandem/shared-logic";
import { stoppableSleep } from "../embedded/stoppable-sleep.ts";

interface Sleeper {
  readonly due: EpochMs;
  readonly wake: () => void;
}

/** Lets everything run that a woken sleeper set off, timers apart. */
const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

export class HandClock implements Clock {
  private moment: EpochMs;
  private readonly settle: () => Promise<void>;
  /** In order of due. */
  private readonly sleepers: Sleeper[] = [];

  constructor(start: EpochMs, settle: () => Promise<void> = settled) {
    this.moment = start;
    this.settle = settle;
  }

  now(): EpochMs {
    return this.moment;
  }

  sleep(ms: number, signal?: StopSignal): Promise<void> {
    return stoppableSleep((wake) => {
      const sleeper = { due: plusMs(this.moment, Math.max(ms, 0)), wake };
      const later = this.sleepers.findIndex((s) => s.due > sleeper.due);
      this.sleepers.splice(later === -1 ? this.sleepers.length : later, 0, sleeper);
      return () => {
        const at = this.sleepers.indexOf(sleeper);
        if (at !== -1) this.sleepers.splice(at, 1);
      };
    }, signal);
  }

  /** When the next sleeper is due; undefined where nobody sleeps. */
  get nextDue(): EpochMs | undefined {
    return this.sleepers[0]?.due;
  }

  /** Moves time on, sleeper by sleeper; who sleeps again within `ms` is woken again. */
  async advance(ms: number): Promise<void> {
    if (!(ms >= 0)) throw new RangeError(`time does not go back by ${ms}`);
    const target = plusMs(this.moment, ms);
    await this.settle();
    for (
      let next = this.sleepers[0];
      next !== undefined && next.due <= target;
      next = this.sleepers[0]
    ) {
      this.sleepers.shift();
      this.moment = next.due;
      next.wake();
      await this.settle();
    }
    this.moment = target;
  }
}
