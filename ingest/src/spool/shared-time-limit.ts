// One time limit for many waits: a single sleeper on the clock, as a timer for each request would cost more than
// the wait itself. Waits end in the order they began, as all have the same limit.
import { type Clock, type EpochMs, plusMs, type StopSignal } from "@tandem/shared-logic";
import type { Waited } from "./within.ts";

interface Wait {
  readonly due: EpochMs;
  /** Undefined once the work has ended. */
  expire: (() => void) | undefined;
}

const LATE = { late: true } as const;

export class SharedTimeLimit {
  private readonly clock: Clock;
  private readonly ms: number;
  private readonly stop: StopSignal;
  private readonly waits: Wait[] = [];
  private watching = false;

  /** Whoever waits when `stop` aborts is late. */
  constructor(clock: Clock, ms: number, stop: StopSignal) {
    this.clock = clock;
    this.ms = ms;
    this.stop = stop;
  }

  /** The work goes on unheard where it is late. */
  within<T>(work: Promise<T>): Promise<Waited<T>> {
    return new Promise((resolve, reject) => {
      const wait: Wait = {
        due: plusMs(this.clock.now(), this.ms),
        expire: () => resolve(LATE),
      };
      this.waits.push(wait);
      work.then(
        (value) => {
          wait.expire = undefined;
          resolve({ late: false, value });
        },
        (error: unknown) => {
          wait.expire = undefined;
          reject(error);
        },
      );
      if (!this.watching) void this.watch();
    });
  }

  private async watch(): Promise<void> {
    this.watching = true;
    for (let first = this.waits[0]; first !== undefined; first = this.waits[0]) {
      const now = this.clock.now();
      if (first.due > now) {
        await this.clock.sleep(first.due - now, this.stop).catch(() => undefined);
        if (!this.stop.aborted) continue;
      }
      const goesOn = ({ due, expire }: Wait): boolean => expire !== undefined && due > now;
      const next = this.stop.aborted ? -1 : this.waits.findIndex(goesOn);
      for (const { expire } of this.waits.splice(0, next === -1 ? this.waits.length : next))
        expire?.();
    }
    this.watching = false;
  }
}
