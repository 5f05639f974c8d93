// Every wait on a broker ends: a frozen one keeps its sockets open and says nothing.
import { TandemError } from "@tandem/shared-logic";

/** The work's outcome, or `log_unavailable` after `limitMs`; the work itself may go on. */
export function within<T>(limitMs: number, place: string, work: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      reject(
        new TandemError("log_unavailable", {
          message: `${place}: no answer within ${Math.round(limitMs)} ms.`,
          details: { place, limitMs },
        }),
      );
    }, limitMs);
    work.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}

/** Waits between attempts: from 20 ms, doubling, to 500 ms. */
export const backoffMs = (attempt: number): number =>
  Math.min(500, 20 * 2 ** Math.min(attempt, 10));
