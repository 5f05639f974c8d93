// A job queue that forgets everything with the process. A MemoryJobTable that is handed from one queue
// to the next plays the part of the disk in simulations of a killed process.
import type { JobRecord, JobSchedule, JobTable } from "../jobs/job-table.ts";
import { LocalJobQueue, type LocalJobQueueOptions } from "../jobs/local-job-queue.ts";

export class MemoryJobTable implements JobTable {
  private readonly jobs = new Map<number, JobRecord>();
  private readonly ids = new Map<string, number>();
  private readonly plans = new Map<string, JobSchedule>();
  private lastId = 0;

  /** Nothing here fails half-way. */
  transaction<T>(body: () => T): T {
    return body();
  }
  byKey(queue: string, key: string): JobRecord | undefined {
    return this.jobs.get(this.ids.get(nameOf({ queue, key })) ?? 0);
  }
  byId(id: number): JobRecord | undefined {
    return this.jobs.get(id);
  }
  insert(job: Omit<JobRecord, "id">): number {
    const id = ++this.lastId;
    this.jobs.delete(this.ids.get(nameOf(job)) ?? 0);
    this.ids.set(nameOf(job), id);
    this.jobs.set(id, { ...job, id });
    return id;
  }
  update(job: JobRecord): void {
    this.jobs.set(job.id, job);
  }
  firstReady(queue: string): JobRecord | undefined {
    let first: JobRecord | undefined;
    for (const job of this.jobs.values()) {
      if (job.queue !== queue || job.status !== "ready" || job.openChildren > 0) continue;
      if (first === undefined || job.dueMs < first.dueMs) first = job;
    }
    return first;
  }
  running(): readonly JobRecord[] {
    return [...this.jobs.values()].filter((job) => job.status === "running");
  }
  keepFinished(queue: string, count: number): void {
    const finished = [...this.jobs.values()].filter(
      (job) => job.queue === queue && (job.status === "done" || job.status === "failed"),
    );
    for (const job of finished.slice(0, Math.max(0, finished.length - count))) {
      this.jobs.delete(job.id);
      this.ids.delete(nameOf(job));
    }
  }
  schedules(): readonly JobSchedule[] {
    return [...this.plans.values()];
  }
  setSchedule(schedule: JobSchedule): void {
    this.plans.set(schedule.name, schedule);
  }
  removeSchedule(name: string): void {
    this.plans.delete(name);
  }
  close(): void {}
}

const nameOf = ({ queue, key }: Pick<JobRecord, "queue" | "key">): string =>
  JSON.stringify([queue, key]);

export class MemoryJobQueue extends LocalJobQueue {
  constructor(options: LocalJobQueueOptions & { readonly table?: MemoryJobTable }) {
    super(options.table ?? new MemoryJobTable(), options);
  }
}
