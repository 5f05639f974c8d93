// One queue's handlers in this process. A job whose process died or froze is found by its lock running
// out and runs again. Stopping takes no further jobs and waits for the running handlers; what they came
// to is then written while Redis answers, else the jobs run again elsewhere.

import { type Job, type JobState, TandemError } from "@tandem/shared-logic";
import { type Job as BullJob, DelayedError, UnrecoverableError, Worker } from "bullmq";
import { type JobData, jobOf, type KnownChild } from "./bull-job.ts";
import { GRACE_MS } from "./job-claims.ts";
import { type RedisLink, within } from "./redis-link.ts";

/** Tries of one job that end with their process; then it failed. */
const DEATHS = 3;
/** After the connection was lost. */
const RETRY_MS = 500;

export interface WorkerParts {
  readonly link: RedisLink;
  readonly queue: string;
  /** The queue's name in BullMQ. */
  readonly name: string;
  readonly concurrency: number;
  readonly handler: (job: Job) => Promise<void>;
  readonly stateById: (child: KnownChild) => Promise<JobState | undefined>;
}

export class BullWorker {
  private readonly parts: WorkerParts;
  private readonly worker: StoppableWorker;
  private readonly running = new Set<Promise<void>>();
  private stopping: Promise<void> | undefined;

  constructor(parts: WorkerParts) {
    this.parts = parts;
    const { link, name, concurrency } = parts;
    const { prefix, lockMs, onProblem } = link.settings;
    this.worker = new StoppableWorker(name, (job, token) => this.run(job, token), {
      connection: link.patient,
      prefix,
      concurrency,
      lockDuration: lockMs,
      stalledInterval: lockMs / 2,
      maxStalledCount: DEATHS - 1,
      runRetryDelay: RETRY_MS,
    });
    this.worker.on("error", onProblem);
  }

  private async run(bull: BullJob<JobData>, token: string | undefined): Promise<void> {
    const job = jobOf(this.parts.queue, bull);
    const run = this.awaitKnown(bull, token).then(() => this.handle(job));
    this.running.add(run);
    try {
      await run;
    } finally {
      this.running.delete(run);
    }
  }

  private async handle(job: Job): Promise<void> {
    const { handler, link } = this.parts;
    try {
      await handler(job);
    } catch (error) {
      link.settings.onThrow(job, error);
      // What a message may tell of an event does not go to Redis.
      throw new Error(error instanceof TandemError ? error.code : "the handler threw");
    }
  }

  /** The children that other flows brought: not done yet means later, failed means failed. */
  private async awaitKnown(bull: BullJob<JobData>, token: string | undefined): Promise<void> {
    const { stateById, link } = this.parts;
    const { awaits = [] } = bull.data;
    const states = await Promise.all(awaits.map(stateById));
    // A key is claimed a moment before its job is there.
    const gone = Date.now() - bull.timestamp < GRACE_MS ? [] : [undefined];
    if (states.some((s) => s === "failed" || gone.includes(s as undefined))) {
      throw new UnrecoverableError("a child of another flow failed");
    }
    if (states.every((s) => s === "done")) return;
    await bull.moveToDelayed(Date.now() + link.settings.pollMs, token);
    throw new DelayedError();
  }

  /** Resolves when no handler runs any more, or after `drainMs`. */
  stop(): Promise<void> {
    this.stopping ??= this.drain();
    return this.stopping;
  }

  private async drain(): Promise<void> {
    const { drainMs, commandMs } = this.parts.link.settings;
    const closed = this.worker.close().catch(() => {});
    while (await endsIn(drainMs, this.handlersEnded())) {
      if (await endsIn(commandMs, closed)) return;
      // One may have been fetched at the moment of stopping.
      if (this.running.size === 0) break;
    }
    await endsIn(commandMs, this.worker.giveUp());
  }

  private async handlersEnded(): Promise<void> {
    while (this.running.size > 0) await Promise.allSettled(this.running);
  }
}

async function endsIn(ms: number, work: Promise<unknown>): Promise<boolean> {
  if (ms === Number.POSITIVE_INFINITY) return work.then(() => true);
  return within(ms, work).then(
    () => true,
    () => false,
  );
}

/** BullMQ's close waits for Redis; this ends what is left of it: the timer of the locks, the socket. */
class StoppableWorker extends Worker<JobData, void> {
  async giveUp(): Promise<void> {
    await this.lockManager.close();
    await this.backend.close(true);
  }
}
