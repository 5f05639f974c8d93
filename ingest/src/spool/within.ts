// A wait with an end: others' work may hang, and goes on unheard where it does.
import type { Clock, StopSignal } from "@tandem/shared-logic";

export type Waited<T> = { readonly late: false; readonly value: T } | { readonly late: true };

/** Late after `ms` or when the signal aborts. */
export async function within<T>(
  clock: Clock,
  ms: number,
  work: Promise<T>,
  signal?: StopSignal,
): Promise<Waited<T>> {
  const end = new AbortController();
  const stop = (): void => end.abort();
  if (signal?.aborted) stop();
  signal?.addEventListener("abort", stop, { once: true });
  const late = { late: true } as const;
  const slept = clock.sleep(ms, end.signal).then(
    () => late,
    () => late,
  );
  try {
    return await Promise.race([work.then((value) => ({ late: false, value }) as const), slept]);
  } finally {
    signal?.removeEventListener("abort", stop);
    stop();
  }
}
