// A loop that outlives failures which may pass: it is run again after a pause, until it returns or the
// signal aborts. Any other failure ends it for good, said aloud exactly once.
import { TandemError } from "../errors.ts";
import type { Clock, StopSignal } from "../ports/clock.ts";

export interface KeepRunning {
  readonly clock: Pick<Clock, "sleep">;
  readonly signal: StopSignal;
  /** Default 1,000. */
  readonly retryMs?: number;
  /** Told of every failure. */
  readonly onError: (error: unknown, where: string) => void;
  /** Told of the one that ends the loop. */
  readonly onFatal: (error: unknown, where: string) => void;
}

export async function keepRunning(
  where: string,
  loop: () => Promise<void>,
  { clock, signal, retryMs = 1000, onError, onFatal }: KeepRunning,
): Promise<void> {
  while (!signal.aborted) {
    try {
      return await loop();
    } catch (error) {
      const passing = error instanceof TandemError && error.retryable;
      if (passing) onError(error, where);
      else return onFatal(error, where);
      await clock.sleep(retryMs, signal).catch(() => undefined);
    }
  }
}
