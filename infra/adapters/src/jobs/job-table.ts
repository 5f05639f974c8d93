// What a local job queue remembers, and the table it is remembered in. Calls are synchronous and those
// inside one `transaction` happen together or not at all.

export interface JobRecord {
  /** Grows, is never used twice. */
  readonly id: number;
  readonly queue: string;
  readonly key: string;
  /** JSON text. */
  readonly data: string;
  readonly attempts: number;
  readonly backoffMs: number;
  /** Tries begun so far. */
  readonly attempt: number;
  readonly status: "ready" | "running" | "done" | "failed";
  /** A ready job is not begun before. */
  readonly dueMs: number;
  /** Children that have not succeeded yet: a ready job is not begun while there are any. */
  readonly openChildren: number;
  /** Ids of jobs that wait for this one. */
  readonly parents: readonly number[];
}

export interface JobSchedule {
  readonly name: string;
  readonly everyMs: number;
  /** Begin of the next period. */
  readonly nextMs: number;
  /** A JobRequest as JSON text. */
  readonly request: string;
}

export interface JobTable {
  transaction<T>(body: () => T): T;
  byKey(queue: string, key: string): JobRecord | undefined;
  byId(id: number): JobRecord | undefined;
  /** Takes the place of a finished job of the same key. */
  insert(job: Omit<JobRecord, "id">): number;
  update(job: JobRecord): void;
  /** Of the ready jobs without open children the one due first, then added first. */
  firstReady(queue: string): JobRecord | undefined;
  running(): readonly JobRecord[];
  /** Forgets all but the `count` newest finished jobs of a queue. */
  keepFinished(queue: string, count: number): void;
  schedules(): readonly JobSchedule[];
  setSchedule(schedule: JobSchedule): void;
  removeSchedule(name: string): void;
  close(): void;
}
