// The log's ends with the moment before they were asked for, remembered for a moment. A position that has
// reached an end has everything that was in the log at that moment.
import type { Clock, EpochMs, EventLog } from "@tandem/shared-logic";

export interface LogEnds {
  readonly at: EpochMs;
  /** By partition, exclusive; empty where the log does not answer. */
  readonly ends: readonly number[];
}

export function logEnds(
  log: Pick<EventLog, "ranges"> | undefined,
  dataset: string,
  clock: Pick<Clock, "now">,
  keepMs = 200,
): () => Promise<LogEnds> {
  let last: LogEnds | undefined;
  return async () => {
    const at = clock.now();
    if (last && at - last.at < keepMs) return last;
    const ends = await (log?.ranges(dataset) ?? Promise.resolve([])).then(
      (ranges) => ranges.map((r) => r.end),
      // Without the log, freshness is what the positions say: older, never wrong.
      () => [],
    );
    last = { at, ends };
    return last;
  };
}
