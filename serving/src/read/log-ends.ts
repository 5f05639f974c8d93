// The log's ends with the moment before they were asked for, remembered for a moment. A position that has
// reached an end has everything that was in the log at that moment. A log that does not answer soon holds up
// no query: freshness is then what the positions say, older and never wrong.
import type { Clock, EpochMs, EventLog } from "@tandem/shared-logic";
import { within } from "../within.ts";

export interface LogEnds {
  readonly at: EpochMs;
  /** By partition, exclusive; empty where the log does not answer. */
  readonly ends: readonly number[];
}

export interface LogEndsTimes {
  /** How long an answer is remembered. Default 200. */
  readonly keepMs?: number;
  /** Longest wait for the log, in real time. Default 500. */
  readonly waitMs?: number;
}

export function logEnds(
  log: Pick<EventLog, "ranges"> | undefined,
  dataset: string,
  clock: Pick<Clock, "now">,
  { keepMs = 200, waitMs = 500 }: LogEndsTimes = {},
): () => Promise<LogEnds> {
  let last: LogEnds | undefined;
  let asking: Promise<LogEnds> | undefined;

  async function ask(): Promise<LogEnds> {
    const at = clock.now();
    const ends = await (log?.ranges(dataset) ?? Promise.resolve([])).then(
      (ranges) => ranges.map((r) => r.end),
      () => [],
    );
    return { at, ends };
  }

  return async () => {
    const now = clock.now();
    if (last && now - last.at < keepMs) return last;
    asking ??= ask().then((answer) => {
      asking = undefined;
      last = answer;
      return answer;
    });
    return (await within(waitMs, asking)) ?? { at: now, ends: [] };
  };
}
