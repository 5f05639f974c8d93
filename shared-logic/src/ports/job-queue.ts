// Work to be done later, once per key, with retries and flows. Holds no truth: whatever is lost here
// is planned again from the ledger. Job data carries no personal data.
//
// 1. `add` with a key that is waiting, delayed or running does nothing and says `known`.
// 2. A job runs at least once; a handler must bear repetition. A handler that throws is tried again
//    after `backoffMs` doubled each time, `attempts` times in all, then the job is `failed`.
// 3. A flow's parent runs after all its children succeeded; a child that finally fails fails the parent.
// 4. `schedule` adds a job each time its cron-like `everyMs` period begins (UTC-aligned); setting the
//    same name again replaces it.
// 5. `process` runs at most `concurrency` handlers of a queue at once in this process, until its stop
//    function is called, which waits for the running ones.
// 6. A finished key may be added again.

import type { Json } from "../algebra/reducer.ts";

export interface JobRequest {
  readonly queue: string;
  readonly key: string;
  readonly data: Json;
  readonly delayMs?: number;
  /** Default 3. */
  readonly attempts?: number;
  /** Default 1,000. */
  readonly backoffMs?: number;
  readonly children?: readonly JobRequest[];
}

export interface Job {
  readonly queue: string;
  readonly key: string;
  readonly data: Json;
  /** 1 for the first try. */
  readonly attempt: number;
}

export type JobState = "waiting" | "delayed" | "running" | "done" | "failed";

export interface JobQueue {
  add(job: JobRequest): Promise<"added" | "known">;
  schedule(name: string, everyMs: number, job: JobRequest): Promise<void>;
  unschedule(name: string): Promise<void>;
  process(
    queue: string,
    concurrency: number,
    handler: (job: Job) => Promise<void>,
  ): Promise<() => Promise<void>>;
  state(queue: string, key: string): Promise<JobState | undefined>;
  close(): Promise<void>;
}
