// Runs the jobs of a table in this process, by the clock it is given. One queue object owns its table:
// what the table says is running when it is opened was running in a process that died.
import {
  type Clock,
  DAY_MS,
  type Job,
  type JobQueue,
  type JobRequest,
  type JobState,
  TandemError,
} from "@tandem/shared-logic";
import { JobMachine } from "./job-machine.ts";
import type { JobRecord, JobTable } from "./job-table.ts";

/** After the table was unavailable. */
const RETRY_MS = 1_000;

export interface LocalJobQueueOptions {
  readonly clock: Clock;
  /** Told of every throw of a handler, for the operator's log. */
  readonly onThrow?: (job: Job, error: unknown) => void;
}

interface Worker {
  readonly concurrency: number;
  readonly handler: (job: Job) => Promise<void>;
  readonly running: Set<Promise<void>>;
}

export class LocalJobQueue implements JobQueue {
  private readonly table: JobTable;
  private readonly machine: JobMachine;
  private readonly clock: Clock;
  private readonly onThrow: ((job: Job, error: unknown) => void) | undefined;
  private readonly workers = new Map<string, Worker>();
  private readonly running = new Set<Promise<void>>();
  private alarm: { readonly atMs: number; readonly off: AbortController } | undefined;
  private closing = false;

  constructor(table: JobTable, { clock, onThrow }: LocalJobQueueOptions) {
    this.table = table;
    this.machine = new JobMachine(table);
    this.clock = clock;
    this.onThrow = onThrow;
    this.machine.recover(clock.now());
    this.turn();
  }

  async add(job: JobRequest): Promise<"added" | "known"> {
    const result = this.machine.add(job, this.clock.now());
    this.turn();
    return result;
  }

  async schedule(name: string, everyMs: number, job: JobRequest): Promise<void> {
    this.machine.schedule(name, everyMs, job, this.clock.now());
    this.turn();
  }

  async unschedule(name: string): Promise<void> {
    this.table.removeSchedule(name);
  }

  async process(
    queue: string,
    concurrency: number,
    handler: (job: Job) => Promise<void>,
  ): Promise<() => Promise<void>> {
    if (this.workers.has(queue)) throw new RangeError(`${queue} is being processed already`);
    const worker: Worker = { concurrency, handler, running: new Set() };
    this.workers.set(queue, worker);
    this.turn();
    return async () => {
      if (this.workers.get(queue) === worker) this.workers.delete(queue);
      await Promise.all(worker.running);
    };
  }

  async state(queue: string, key: string): Promise<JobState | undefined> {
    return this.machine.state(queue, key, this.clock.now());
  }

  /** Waits for the running handlers. */
  async close(): Promise<void> {
    this.closing = true;
    this.alarm?.off.abort();
    this.workers.clear();
    await Promise.all(this.running);
    this.table.close();
  }

  /** Begins whatever can begin now, and sets the alarm for what comes next. */
  private turn(): void {
    if (this.closing) return;
    try {
      this.machine.fire(this.clock.now());
      for (const [queue, worker] of this.workers) this.fill(queue, worker);
      const free = [...this.workers].filter(([, w]) => w.running.size < w.concurrency);
      this.setAlarm(this.machine.nextMs(free.map(([queue]) => queue)));
    } catch (error) {
      if (!(error instanceof TandemError && error.retryable)) throw error;
      this.setAlarm(this.clock.now() + RETRY_MS);
    }
  }

  private fill(queue: string, worker: Worker): void {
    while (worker.running.size < worker.concurrency) {
      const job = this.machine.take(queue, this.clock.now());
      if (job === undefined) return;
      const run = this.run(job, worker.handler).finally(() => {
        worker.running.delete(run);
        this.running.delete(run);
        this.turn();
      });
      worker.running.add(run);
      this.running.add(run);
    }
  }

  private async run(record: JobRecord, handler: Worker["handler"]): Promise<void> {
    const { id, queue, key, attempt } = record;
    const job: Job = { queue, key, attempt, data: JSON.parse(record.data) };
    let threw = false;
    try {
      await Promise.resolve(); // never inside the call that made room for it
      await handler(job);
    } catch (error) {
      threw = true;
      this.onThrow?.(job, error);
    }
    await this.written(() =>
      threw ? this.machine.threw(id, this.clock.now()) : this.machine.succeeded(id),
    );
  }

  /** What a handler came to is not lost because the table did not answer at that moment. */
  private async written(write: () => void): Promise<void> {
    for (;;) {
      try {
        return write();
      } catch (error) {
        if (!(error instanceof TandemError && error.retryable)) throw error;
        if (this.closing) return; // found running at the next opening, and run again
        await this.clock.sleep(RETRY_MS);
      }
    }
  }

  private setAlarm(atMs: number | undefined): void {
    if (atMs === this.alarm?.atMs) return;
    this.alarm?.off.abort();
    this.alarm = undefined;
    if (atMs === undefined) return;
    const alarm = { atMs, off: new AbortController() };
    this.alarm = alarm;
    const ring = (): void => {
      if (this.alarm !== alarm) return;
      this.alarm = undefined;
      this.turn();
    };
    const cancelled = (error: unknown): void => {
      if (!alarm.off.signal.aborted) throw error;
    };
    const waitMs = Math.min(Math.max(0, atMs - this.clock.now()), DAY_MS);
    void this.clock.sleep(waitMs, alarm.off.signal).then(ring, cancelled);
  }
}
