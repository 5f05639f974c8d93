// The life of a job as transitions of a table, given the time: added once per key, begun when due and
// without open children, tried again with doubled backoff, done or failed; a failure fails what waits
// for it. No clock, no handlers, nothing asynchronous. A transition is one transaction.
import type { JobRequest, JobState } from "@tandem/shared-logic";
import type { JobRecord, JobTable } from "./job-table.ts";

const DEFAULT_ATTEMPTS = 3;
const DEFAULT_BACKOFF_MS = 1_000;
/** Finished jobs that `state` still knows, by queue. */
const FINISHED_KEPT = 1_000;

const isOpen = (job: JobRecord | undefined): job is JobRecord =>
  job !== undefined && (job.status === "ready" || job.status === "running");

/** The begin of the first period after `nowMs`, counted from 1970-01-01T00:00Z. */
export const nextPeriodMs = (everyMs: number, nowMs: number): number =>
  (Math.floor(nowMs / everyMs) + 1) * everyMs;

export class JobMachine {
  private readonly table: JobTable;

  constructor(table: JobTable) {
    this.table = table;
  }

  /** A parent that is known brings no children; a child that is known is waited for as it stands. */
  add(request: JobRequest, nowMs: number): "added" | "known" {
    refuseCycles(request, new Set());
    return this.table.transaction(() => {
      if (isOpen(this.table.byKey(request.queue, request.key))) return "known";
      this.insert(request, nowMs, undefined);
      return "added";
    });
  }

  private insert(request: JobRequest, nowMs: number, parent: number | undefined): boolean {
    const { queue, key, children = [], delayMs = 0 } = request;
    const known = this.table.byKey(queue, key);
    if (isOpen(known)) {
      if (parent === undefined || known.parents.includes(parent)) return false;
      this.table.update({ ...known, parents: [...known.parents, parent] });
      return true;
    }
    const job: Omit<JobRecord, "id"> = {
      queue,
      key,
      data: JSON.stringify(request.data),
      attempts: request.attempts ?? DEFAULT_ATTEMPTS,
      backoffMs: Math.ceil(request.backoffMs ?? DEFAULT_BACKOFF_MS),
      attempt: 0,
      status: "ready",
      dueMs: Math.ceil(nowMs + delayMs),
      openChildren: 0,
      parents: parent === undefined ? [] : [parent],
    };
    const id = this.table.insert(job);
    const openChildren = children.filter((child) => this.insert(child, nowMs, id)).length;
    if (openChildren > 0) this.table.update({ ...job, id, openChildren });
    return true;
  }

  /** Begins the next job that is due; it is running when this returns. */
  take(queue: string, nowMs: number): JobRecord | undefined {
    const first = this.table.firstReady(queue);
    if (first === undefined || first.dueMs > nowMs) return undefined;
    const begun: JobRecord = { ...first, status: "running", attempt: first.attempt + 1 };
    this.table.transaction(() => this.table.update(begun));
    return begun;
  }

  succeeded(id: number): void {
    this.table.transaction(() => {
      const job = this.table.byId(id);
      if (job?.status !== "running") return;
      this.finish({ ...job, status: "done" });
      for (const parentId of job.parents) {
        const parent = this.table.byId(parentId);
        if (parent?.status !== "ready") continue;
        this.table.update({ ...parent, openChildren: parent.openChildren - 1 });
      }
    });
  }

  threw(id: number, nowMs: number): void {
    this.table.transaction(() => {
      const job = this.table.byId(id);
      if (job?.status !== "running") return;
      if (job.attempt >= job.attempts) return this.fail(job);
      const waitMs = job.backoffMs * 2 ** (job.attempt - 1);
      this.table.update({ ...job, status: "ready", dueMs: Math.ceil(nowMs + waitMs) });
    });
  }

  /**
   * What was running when its process died is ready again; the try counts, so that a job that kills
   * its process does not do so for ever. It is tried once more even where one attempt was allowed.
   */
  recover(nowMs: number): void {
    this.table.transaction(() => {
      for (const job of this.table.running()) {
        if (job.attempt >= Math.max(job.attempts, 2)) this.fail(job);
        else this.table.update({ ...job, status: "ready", dueMs: Math.ceil(nowMs) });
      }
    });
  }

  private fail(job: JobRecord): void {
    this.finish({ ...job, status: "failed" });
    for (const id of job.parents) {
      const parent = this.table.byId(id);
      if (parent?.status === "ready") this.fail(parent);
    }
  }

  private finish(job: JobRecord): void {
    this.table.update(job);
    if (job.id % 64 === 0) this.table.keepFinished(job.queue, FINISHED_KEPT);
  }

  /** The same period set again keeps its next begin: one that was missed while down still comes. */
  schedule(name: string, everyMs: number, request: JobRequest, nowMs: number): void {
    if (!Number.isSafeInteger(everyMs) || everyMs <= 0) throw new RangeError(`everyMs: ${everyMs}`);
    refuseCycles(request, new Set());
    this.table.transaction(() => {
      const old = this.table.schedules().find((s) => s.name === name && s.everyMs === everyMs);
      const nextMs = Math.min(
        nextPeriodMs(everyMs, nowMs),
        old?.nextMs ?? Number.POSITIVE_INFINITY,
      );
      this.table.setSchedule({ name, everyMs, nextMs, request: JSON.stringify(request) });
    });
  }

  /** Adds the job of every schedule whose period has begun: once, however many were missed. */
  fire(nowMs: number): void {
    for (const schedule of this.table.schedules()) {
      if (schedule.nextMs > nowMs) continue;
      this.table.transaction(() => {
        const request = JSON.parse(schedule.request) as JobRequest;
        if (!isOpen(this.table.byKey(request.queue, request.key))) {
          this.insert(request, nowMs, undefined);
        }
        const nextMs = nextPeriodMs(schedule.everyMs, nowMs);
        this.table.setSchedule({ ...schedule, nextMs });
      });
    }
  }

  /** When there may be something to do for these queues or a schedule. */
  nextMs(queues: Iterable<string>): number | undefined {
    let next = Number.POSITIVE_INFINITY;
    for (const { nextMs } of this.table.schedules()) next = Math.min(next, nextMs);
    for (const queue of queues) next = Math.min(next, this.table.firstReady(queue)?.dueMs ?? next);
    return next === Number.POSITIVE_INFINITY ? undefined : next;
  }

  state(queue: string, key: string, nowMs: number): JobState | undefined {
    const job = this.table.byKey(queue, key);
    if (job?.status !== "ready") return job?.status;
    return job.dueMs > nowMs ? "delayed" : "waiting";
  }
}

/** A job below itself would wait for itself. */
export function refuseCycles(request: JobRequest, above: ReadonlySet<string>): void {
  const name = JSON.stringify([request.queue, request.key]);
  if (above.has(name)) throw new RangeError(`${name} is a child of itself`);
  const below = new Set(above).add(name);
  for (const child of request.children ?? []) refuseCycles(child, below);
}
