// Schedules: one job scheduler each in a queue of their own, whose ticks add the scheduled job as anybody
// adds it, so a job that is still waiting or running is not added twice. Periods are aligned to UTC.
// A Redis that lost them gets them anew from whoever scheduled them and still runs.

import type { JobRequest, Json } from "@tandem/shared-logic";
import { Queue } from "bullmq";
import { nextPeriodMs } from "../jobs/job-machine.ts";
import { BullWorker } from "./bull-worker.ts";
import { bullName } from "./job-claims.ts";
import type { RedisLink } from "./redis-link.ts";

/** No queue of a caller has this name in BullMQ: `$` is escaped in theirs. */
const QUEUE = "$schedules";
const TICKS_KEPT = 10;
/** How long an unscheduled name stays so for processes that still have the schedule. */
const UNSCHEDULED_MS = 7 * 86_400_000;

interface Schedule {
  readonly everyMs: number;
  readonly request: JobRequest;
}

export class BullSchedules {
  private readonly link: RedisLink;
  private readonly add: (request: JobRequest) => Promise<unknown>;
  private readonly queue: Queue;
  private readonly mine = new Map<string, Schedule>();
  private worker: BullWorker | undefined;
  private readonly timer: NodeJS.Timeout;
  private asserting: Promise<void> = Promise.resolve();

  constructor(link: RedisLink, add: (request: JobRequest) => Promise<unknown>) {
    this.link = link;
    this.add = add;
    const { onProblem, reassertMs } = link.settings;
    this.queue = new Queue(QUEUE, link.producer);
    this.queue.on("error", onProblem);
    this.timer = setInterval(() => {
      this.asserting = this.reassert().catch((error: Error) => onProblem(error));
    }, reassertMs);
  }

  async set(name: string, everyMs: number, request: JobRequest): Promise<void> {
    const schedule = { everyMs, request };
    await this.link.bounded(`scheduling ${name}`, async () => {
      await this.link.client.del(this.mark(name));
      await this.upsert(name, schedule);
    });
    this.mine.set(name, schedule);
    this.work();
  }

  async remove(name: string): Promise<void> {
    this.mine.delete(name);
    await this.link.bounded(`unscheduling ${name}`, async () => {
      await this.link.client.set(this.mark(name), "1", "PX", UNSCHEDULED_MS);
      await this.queue.removeJobScheduler(bullName(name));
    });
  }

  /** Whoever processes jobs or has schedules works the ticks. */
  work(): void {
    this.worker ??= new BullWorker({
      link: this.link,
      queue: QUEUE,
      name: QUEUE,
      concurrency: 1,
      handler: async ({ data }) => void (await this.add(data as unknown as JobRequest)),
      stateById: async () => undefined,
    });
  }

  private async upsert(name: string, { everyMs, request }: Schedule): Promise<void> {
    const kept = { count: TICKS_KEPT };
    await this.queue.upsertJobScheduler(
      bullName(name),
      { every: everyMs, startDate: nextPeriodMs(everyMs, Date.now()) },
      {
        name: "tick",
        data: { key: name, data: request as unknown as Json },
        opts: { attempts: 3, removeOnComplete: kept, removeOnFail: kept, stackTraceLimit: 0 },
      },
    );
  }

  /** Of the schedules set here those that are gone, or whose next tick is long overdue. */
  private async reassert(): Promise<void> {
    const { lockMs } = this.link.settings;
    for (const [name, schedule] of this.mine) {
      await this.link.bounded(`scheduling ${name}`, async () => {
        const there = await this.queue.getJobScheduler(bullName(name));
        const overdueMs = Date.now() - (there?.next ?? 0);
        if (there && overdueMs < 2 * lockMs + schedule.everyMs) return;
        if ((await this.link.client.exists(this.mark(name))) === 0)
          await this.upsert(name, schedule);
      });
    }
  }

  private mark(name: string): string {
    return `${this.link.settings.prefix}:${QUEUE}:unscheduled:${name}`;
  }

  async stop(): Promise<void> {
    clearInterval(this.timer);
    await Promise.all([this.asserting, this.worker?.stop()]);
  }

  close(): Promise<void> {
    return this.queue.close();
  }
}
