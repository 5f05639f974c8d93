// The clock of one process in a test: once it is killed, nobody who sleeps by it wakes up any more.
import type { Clock } from "@tandem/shared-logic";

export function mortalClock(time: Clock): { readonly clock: Clock; readonly kill: () => void } {
  let dead = false;
  const clock: Clock = {
    now: () => time.now(),
    sleep: async (ms, signal) => {
      await time.sleep(ms, signal);
      if (dead) await new Promise(() => {});
    },
  };
  const kill = (): void => {
    dead = true;
  };
  return { clock, kill };
}
