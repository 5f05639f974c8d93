// SIGINT and SIGTERM as one request to stop. Handlers stay: a terminal's Ctrl-C reaches the whole process
// group, so that the same request arrives twice, and the second must not cut the shutdown short.

/** Aborts at the first signal; `release` gives the signals their usual meaning back. */
export function stopSignals(): { readonly signal: AbortSignal; release(): void } {
  const stop = new AbortController();
  const onSignal = (): void => stop.abort();
  process.on("SIGINT", onSignal);
  process.on("SIGTERM", onSignal);
  return {
    signal: stop.signal,
    release() {
      process.off("SIGINT", onSignal);
      process.off("SIGTERM", onSignal);
    },
  };
}
