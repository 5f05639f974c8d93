// The batch schedule: closed days are sealed some minutes after they end, metrics that are new are
// backfilled at once, and a cut an hour closes segments. Each tick looks at the facts; nothing is lost
// with the queue, and while it does not answer every process ticks by itself.
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
import { startHealSchedule } from "./heal/heal-schedule.ts";
import type { Heals } from "./heal/heals.ts";
import { makeCut } from "./make-cut.ts";
import type { Reconciler } from "./reconcile/reconciler.ts";
import type { BatchReport } from "./report-batch.ts";
import type { Batch } from "./run-batch.ts";
import { refuseSetAside } from "./set-aside-damage.ts";
import { owesOpenDays } from "./versions/owed-days.ts";

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
  /** With it late records are healed as they come; without it whenever a day is sealed. */
  readonly heals?: Heals;
  readonly report?: BatchReport;
  /** With it each sealed day is compared with what the speed layer had. */
  readonly reconciler?: Pick<Reconciler, "reconcile">;
  /** Told of failures of what runs without the queue. */
  readonly onError?: (error: unknown, where: string) => void;
}

const QUEUE = "batch";
/** Between looks for days to compare that a heal or another process sealed. */
const RECONCILE_MS = 10 * MINUTE_MS;
const RECONCILE_DAYS = 16;

/** Starts ticking; the returned function stops it and waits for a run under way. */
export async function startSchedule(
  parts: ScheduleParts,
  options: ScheduleOptions = {},
): Promise<() => Promise<void>> {
  const { graceMs = 5 * MINUTE_MS, everyMs = MINUTE_MS, archiveMs = 2 * MINUTE_MS } = options;
  const { queue, clock, batch, dataset, views, log, metrics, signal, report, onError } = parts;
  let sealedDay = -1;
  let cutAt = clock.now();
  let reconciledAt = Number.NEGATIVE_INFINITY;
  const reconcile = async (): Promise<void> => {
    if (!parts.reconciler || clock.now() - reconciledAt < RECONCILE_MS) return;
    reconciledAt = clock.now();
    // A comparison that fails holds up no run.
    await parts.reconciler
      .reconcile(RECONCILE_DAYS)
      .catch((error: unknown) => onError?.(error, "reconcile"));
  };
  const isNew = async (): Promise<boolean> => {
    const row = await views.ledger(cutKey(dataset));
    const activated = row ? (JSON.parse(row.value) as CutRow).activatedAt : {};
    if (metrics.some((m) => activated[m.fingerprint] === undefined)) return true;
    // A backfill that a crash cut short may have left out days that are still open.
    if (sealedDay >= 0) return false;
    const { manifest } = await batch.archive();
    return owesOpenDays(parts, dataset, metrics, manifest, await batch.cutRow());
  };
  const tick = async (): Promise<void> => {
    const now = clock.now();
    const closed = Math.floor((now - graceMs) / DAY_MS) - 1;
    const backfill = await isNew();
    if (closed > sealedDay || backfill) {
      const until = dayOf((now - graceMs) as EpochMs);
      const onlyUnsealed = parts.heals !== undefined;
      const request = {
        signal,
        archiveMs,
        onlyUnsealed,
        ...(backfill ? { includeOpen: true } : { until }),
      };
      const work = () => batch.run(request);
      const { setAside } = await (report ? report.run(work) : work());
      cutAt = clock.now();
      reconciledAt = Number.NEGATIVE_INFINITY;
      // Looked at again at each tick, until somebody has repaired it.
      if (setAside.length > 0) {
        await reconcile();
        refuseSetAside(setAside);
      }
      sealedDay = closed;
    } else if (now - cutAt >= HOUR_MS) {
      await makeCut({ log, views }, dataset, {});
      cutAt = now;
    }
    await reconcile();
  };
  const stop = await queue.process(QUEUE, 1, tick);
  await queue.add({ queue: QUEUE, key: `${dataset}/first`, data: {} });
  await queue.schedule(`batch/${dataset}`, everyMs, { queue: QUEUE, key: dataset, data: {} });
  const { heals } = parts;
  const stopHeals = heals && (await startHealSchedule({ ...parts, heals }, { everyMs, archiveMs }));
  const alone = tickAlone();
  return async () => {
    await stopHeals?.();
    await stop();
    await alone;
  };

  /** Until the signal aborts. */
  async function tickAlone(): Promise<void> {
    while (!signal.aborted) {
      await clock.sleep(everyMs, signal).catch(() => undefined);
      if (signal.aborted || (await answers())) continue;
      await tick().catch((error: unknown) => onError?.(error, "batch"));
    }
  }

  async function answers(): Promise<boolean> {
    return queue.state(QUEUE, dataset).then(
      () => true,
      () => false,
    );
  }
}
