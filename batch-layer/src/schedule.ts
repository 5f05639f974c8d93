// The batch schedule: closed days are sealed some minutes after they end, metrics that are new are
// backfilled at once, and a cut an hour closes segments. Each tick looks at the facts; nothing is lost
// with the queue.
import {
  type Clock,
  type CutRow,
  cutKey,
  DAY_MS,
  dayOf,
  type EpochMs,
  type EventLog,
  HOUR_MS,
  type JobQueue,
  type Metric,
  MINUTE_MS,
  type StopSignal,
  type ViewStore,
} from "@tandem/shared-logic";
import { makeCut } from "./make-cut.ts";
import type { Batch } from "./run-batch.ts";

export interface ScheduleOptions {
  /** How long after its end a day is sealed. Default 5 minutes. */
  readonly graceMs?: number;
  /** Time between ticks. Default 1 minute. */
  readonly everyMs?: number;
  /** Longest wait for the archive. Default 2 minutes. */
  readonly archiveMs?: number;
}

export interface ScheduleParts {
  readonly queue: JobQueue;
  readonly clock: Clock;
  readonly views: ViewStore;
  readonly log: EventLog;
  readonly batch: Batch;
  readonly dataset: string;
  readonly metrics: readonly Metric[];
  readonly signal: StopSignal;
}

const QUEUE = "batch";

/** Starts ticking; the returned function stops it and waits for a run under way. */
export async function startSchedule(
  parts: ScheduleParts,
  options: ScheduleOptions = {},
): Promise<() => Promise<void>> {
  const { graceMs = 5 * MINUTE_MS, everyMs = MINUTE_MS, archiveMs = 2 * MINUTE_MS } = options;
  const { queue, clock, batch, dataset, views, log, metrics, signal } = parts;
  let sealedDay = -1;
  let cutAt = clock.now();
  const isNew = async (): Promise<boolean> => {
    const row = await views.ledger(cutKey(dataset));
    const activated = row ? (JSON.parse(row.value) as CutRow).activatedAt : {};
    return metrics.some((m) => activated[m.fingerprint] === undefined);
  };
  const tick = async (): Promise<void> => {
    const now = clock.now();
    const closed = Math.floor((now - graceMs) / DAY_MS) - 1;
    const backfill = await isNew();
    if (closed > sealedDay || backfill) {
      const until = dayOf((now - graceMs) as EpochMs);
      await batch.run({ signal, archiveMs, ...(backfill ? { includeOpen: true } : { until }) });
      sealedDay = closed;
      cutAt = clock.now();
    } else if (now - cutAt >= HOUR_MS) {
      await makeCut({ log, views }, dataset, {});
      cutAt = now;
    }
  };
  const stop = await queue.process(QUEUE, 1, tick);
  await queue.add({ queue: QUEUE, key: `${dataset}/first`, data: {} });
  await queue.schedule(`batch/${dataset}`, everyMs, { queue: QUEUE, key: dataset, data: {} });
  return stop;
}
