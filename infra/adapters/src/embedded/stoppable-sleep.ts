// A sleep that a signal ends: what the clocks share. After the end neither timer nor listener is left.
import { type StopSignal, TandemError } from "@tandem/shared-logic";

/** `arm` starts the waiting and returns what takes it back. Rejects with `cancelled` on abort. */
export function stoppableSleep(
  arm: (wake: () => void) => () => void,
  signal?: StopSignal,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const cancelled = () => reject(new TandemError("cancelled"));
    if (signal?.aborted) return cancelled();
    const onAbort = () => {
      disarm();
      cancelled();
    };
    const disarm = arm(() => {
      signal?.removeEventListener("abort", onAbort);
      resolve();
    });
    signal?.addEventListener("abort", onAbort, { once: true });
  });
}
