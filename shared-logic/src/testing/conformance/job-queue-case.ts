// What the job queue's suite is given, and how its parts wait for something to happen.
import type { Clock } from "../../ports/clock.ts";
import type { Job, JobQueue } from "../../ports/job-queue.ts";
import type { TestFunction } from "../expect.ts";

export interface JobQueueSuite {
  readonly test: TestFunction;
  /** A queue with nothing in it. The suite closes it. */
  readonly open: () => Promise<OpenJobQueue>;
}

export interface OpenJobQueue {
  readonly queue: JobQueue;
  /** The clock the queue goes by. */
  readonly clock: Clock;
  /** Lets time pass: virtual time is moved on, real time is waited for; handlers get their turns. */
  readonly pass: (ms: number) => Promise<void>;
  /** Delays of the cases are multiples of this; an even number. Events closer together than half of it count as one. */
  readonly unitMs: number;
  /** The process dies without closing anything, another opens the queue; absent where nothing outlives it. */
  readonly die?: () => Promise<JobQueue>;
}

export type JobQueueCase = (opened: OpenJobQueue) => Promise<void>;
/** Adds one test over a fresh queue. */
export type AddJobCase = (name: string, body: JobQueueCase) => void;

/** Lets time pass until `holds`; fails after 400 units. */
export async function until(
  { pass, unitMs }: OpenJobQueue,
  holds: () => boolean | Promise<boolean>,
  what: string,
): Promise<void> {
  for (let n = 0; n < 1_600; n++) {
    if (await holds()) return;
    await pass(unitMs / 4);
  }
  throw new Error(`never: ${what}`);
}

export interface Tried {
  readonly key: string;
  readonly attempt: number;
  readonly data: Job["data"];
  readonly atMs: number;
}

/** A handler that writes down what it was given and throws while `fails` says so. */
export function recorder(clock: Clock, fails: (job: Job) => boolean = () => false) {
  const tried: Tried[] = [];
  const handler = async (job: Job): Promise<void> => {
    tried.push({ key: job.key, attempt: job.attempt, data: job.data, atMs: clock.now() });
    if (fails(job)) throw new Error(`planned failure of ${job.key}`);
  };
  return { tried, handler };
}
