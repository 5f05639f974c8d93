// Late events heal by themselves: each tick looks at archive and ledger, and days that are due go to the job
// queue, the most wrong and most asked for first, few at a time so that later ones may overtake. Nothing is lost
// with the queue. Weeks and months are rebuilt once nothing is due any more. A heal whose audits fail is told once and waits for more records or for a person.
import {
  type Clock,
  formatDay,
  HOUR_MS,
  type Job,
  type JobQueue,
  MINUTE_MS,
  type StopSignal,
  TandemError,
  type UtcDay,
} from "@tandem/shared-logic";
import { isDamaged } from "../set-aside-damage.ts";
import type { Heals, QueuedDay } from "./heals.ts";

export interface HealScheduleParts {
  readonly queue: JobQueue;
  readonly clock: Clock;
  readonly heals: Heals;
  readonly dataset: string;
  readonly signal: StopSignal;
  readonly onError?: (error: unknown, where: string) => void;
}

export interface HealScheduleOptions {
  /** Time between ticks. Default 1 minute. */
  readonly everyMs?: number;
  /** Longest wait for the archive. Default 2 minutes. */
  readonly archiveMs?: number;
}

const TICKS = "heal-due";
const HEALS = "heal";
/** Days handed to the queue at once. */
const AHEAD = 2;
/** Before a day is tried again whose archive is damaged. */
const DAMAGED_MS = HOUR_MS;

/** Starts ticking; the returned function stops it and waits for a heal under way. */
export async function startHealSchedule(
  parts: HealScheduleParts,
  { everyMs = MINUTE_MS, archiveMs = 2 * MINUTE_MS }: HealScheduleOptions = {},
): Promise<() => Promise<void>> {
  const { queue, heals, dataset, signal, onError } = parts;
  /** Day -> what it was like when its audits failed. */
  const refused = new Map<UtcDay, string>();
  /** Day -> until when it lets others overtake, because what it is made of is damaged. */
  const damaged = new Map<UtcDay, number>();
  /** Healed, their weeks and months not rebuilt yet. A batch run rebuilds them too, should this be lost. */
  const healed = new Set<UtcDay>();
  const dueNow = async (): Promise<QueuedDay[]> => {
    if (signal.aborted || !(await heals.auto()).on) return [];
    const due = (await heals.queued()).filter((d) => d.due);
    const now = parts.clock.now();
    return due.filter(
      (d) => refused.get(d.late.day) !== likeness(d) && (damaged.get(d.late.day) ?? now) <= now,
    );
  };
  const tick = async (): Promise<void> => {
    const due = await dueNow();
    for (const { late } of due.slice(0, AHEAD)) {
      const key = `${dataset}/${formatDay(late.day)}`;
      await queue.add({ queue: HEALS, key, data: { day: late.day } });
    }
    if (due.length > 0 || healed.size === 0) return;
    const days = [...healed];
    await heals.rebuild(days);
    for (const day of days) healed.delete(day);
  };
  const heal = async (job: Job): Promise<void> => {
    const { day } = job.data as { readonly day: UtcDay };
    const due = (await dueNow()).find((d) => d.late.day === day);
    if (!due) return;
    const [plan] = await heals.plan([day], { archiveMs, signal }).catch((error: unknown) => {
      if (isDamaged(error)) damaged.set(day, parts.clock.now() + DAMAGED_MS);
      throw error;
    });
    if (plan?.run === undefined) return;
    if (plan.ok) {
      const applied = await heals.apply(plan.run, { by: "auto" });
      if (applied?.state === "applied") healed.add(day);
      return;
    }
    refused.set(day, likeness(due));
    const found = plan.kept.audits.filter((a) => !a.ok).map((a) => `${a.metric}: ${a.found}`);
    onError?.(
      new TandemError("heal_refused", {
        message: `audits of ${plan.run} failed (${found.join("; ")}); look at it with: tandem heal plan ${formatDay(day)}`,
        details: { run: plan.run, day: formatDay(day) },
      }),
      "heal",
    );
  };
  const stops = [await queue.process(TICKS, 1, tick), await queue.process(HEALS, 1, heal)];
  await queue.schedule(`heal/${dataset}`, everyMs, { queue: TICKS, key: dataset, data: {} });
  return async () => {
    for (const stop of stops) await stop();
  };
}

const likeness = ({ late }: QueuedDay): string => `${late.pending} ${late.lastMs}`;
