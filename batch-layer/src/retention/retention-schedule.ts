// Retention by itself: an hourly look, and a pass where the last one that ended is most of a day ago, by whichever
// process gets the job. What operators are told of it goes through `telemetry`.
import {
  type Clock,
  HOUR_MS,
  type JobQueue,
  type StopSignal,
  TandemError,
  type Telemetry,
} from "@tandem/shared-logic";
import type { Retention } from "./retention.ts";

export interface RetentionScheduleParts {
  readonly queue: JobQueue;
  readonly clock: Pick<Clock, "now">;
  readonly retention: Pick<Retention, "apply" | "appliedAt">;
  readonly dataset: string;
  readonly signal: StopSignal;
  readonly telemetry: Telemetry;
  readonly onError?: (error: unknown, where: string) => void;
}

const QUEUE = "retention";
/** A little less than a day, so that the hour of the day does not move on. */
const EVERY_MS = 23 * HOUR_MS;

/** The returned function stops it and waits for a pass under way. */
export async function startRetentionSchedule(
  parts: RetentionScheduleParts,
): Promise<() => Promise<void>> {
  const { queue, clock, retention, dataset, signal, telemetry, onError } = parts;
  const forget = telemetry.onScrape(async () => {
    const at = await retention.appliedAt();
    if (at !== undefined) telemetry.set("retention_age_seconds", (clock.now() - at) / 1000);
  });
  const tick = async (): Promise<void> => {
    const at = await retention.appliedAt();
    if (signal.aborted || (at !== undefined && clock.now() - at < EVERY_MS)) return;
    try {
      const { done, freedBytes } = await retention.apply({ signal });
      telemetry.add("retention_freed_bytes_total", freedBytes);
      for (const action of done) telemetry.add("retention_actions_total", 1, { action: action.do });
    } catch (error) {
      if (error instanceof TandemError && error.code === "cancelled") return;
      telemetry.add("retention_failures_total", 1);
      onError?.(error, "retention");
    }
  };
  const stop = await queue.process(QUEUE, 1, tick);
  await queue.add({ queue: QUEUE, key: `${dataset}/first`, data: {} });
  await queue.schedule(`retention/${dataset}`, HOUR_MS, { queue: QUEUE, key: dataset, data: {} });
  return async () => {
    forget();
    await stop();
  };
}
