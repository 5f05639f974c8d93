// The table of a local job queue in sqlite, in a file of its own or in one that has other parts. Not
// synced: a job lost in a power cut is planned again.
import type { JobRecord, JobSchedule, JobTable } from "../jobs/job-table.ts";
import { int, type SqliteFile, type SqlRow, text } from "./sqlite-file.ts";

const JOB_FORMAT = 1;

const SCHEMA = `
CREATE TABLE job(id INTEGER PRIMARY KEY AUTOINCREMENT, queue TEXT NOT NULL, key TEXT NOT NULL, data TEXT NOT NULL,
  attempts INTEGER NOT NULL, backoffMs INTEGER NOT NULL, attempt INTEGER NOT NULL, status TEXT NOT NULL,
  dueMs INTEGER NOT NULL, openChildren INTEGER NOT NULL, parents TEXT NOT NULL, UNIQUE(queue, key)) STRICT;
CREATE INDEX job_ready ON job(queue, dueMs, id) WHERE status = 'ready' AND openChildren = 0;
CREATE INDEX job_finished ON job(queue, id) WHERE status IN ('done', 'failed');
CREATE TABLE job_schedule(name TEXT PRIMARY KEY, everyMs INTEGER NOT NULL, nextMs INTEGER NOT NULL,
  request TEXT NOT NULL) STRICT, WITHOUT ROWID;
`;

const JOB = `SELECT id, queue, key, data, attempts, backoffMs, attempt, status, dueMs, openChildren, parents FROM job`;
const FINISHED = "queue = ?1 AND status IN ('done', 'failed')";

export class SqliteJobTable implements JobTable {
  private readonly file: SqliteFile;

  constructor(file: SqliteFile) {
    this.file = file;
    file.requireFormat("jobs", JOB_FORMAT, SCHEMA);
  }

  transaction<T>(body: () => T): T {
    return this.file.transaction(body);
  }
  byKey(queue: string, key: string): JobRecord | undefined {
    return read(this.file.get(`${JOB} WHERE queue = ? AND key = ?`, queue, key));
  }
  byId(id: number): JobRecord | undefined {
    return read(this.file.get(`${JOB} WHERE id = ?`, id));
  }
  insert(job: Omit<JobRecord, "id">): number {
    this.file.run("DELETE FROM job WHERE queue = ? AND key = ?", job.queue, job.key);
    const sql = `INSERT INTO job(queue, key, data, attempts, backoffMs, attempt, status, dueMs, openChildren, parents)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING id`;
    const row = this.file.get(
      sql,
      job.queue,
      job.key,
      job.data,
      job.attempts,
      job.backoffMs,
      job.attempt,
      job.status,
      job.dueMs,
      job.openChildren,
      JSON.stringify(job.parents),
    );
    return int(row, 0);
  }
  update({ id, attempt, status, dueMs, openChildren, parents }: JobRecord): void {
    this.file.run(
      "UPDATE job SET attempt = ?, status = ?, dueMs = ?, openChildren = ?, parents = ? WHERE id = ?",
      attempt,
      status,
      dueMs,
      openChildren,
      JSON.stringify(parents),
      id,
    );
  }
  firstReady(queue: string): JobRecord | undefined {
    const sql = `${JOB} WHERE queue = ? AND status = 'ready' AND openChildren = 0 ORDER BY dueMs, id LIMIT 1`;
    return read(this.file.get(sql, queue));
  }
  running(): readonly JobRecord[] {
    return this.file
      .all(`${JOB} WHERE status = 'running' ORDER BY id`)
      .flatMap((r) => read(r) ?? []);
  }
  keepFinished(queue: string, count: number): void {
    const oldest = `SELECT id FROM job WHERE ${FINISHED} ORDER BY id DESC LIMIT 1 OFFSET ?2`;
    this.file.run(`DELETE FROM job WHERE ${FINISHED} AND id <= (${oldest})`, queue, count);
  }
  schedules(): readonly JobSchedule[] {
    return this.file.all("SELECT name, everyMs, nextMs, request FROM job_schedule").map((row) => ({
      name: text(row, 0),
      everyMs: int(row, 1),
      nextMs: int(row, 2),
      request: text(row, 3),
    }));
  }
  setSchedule({ name, everyMs, nextMs, request }: JobSchedule): void {
    const sql = "INSERT OR REPLACE INTO job_schedule VALUES (?, ?, ?, ?)";
    this.file.run(sql, name, everyMs, nextMs, request);
  }
  removeSchedule(name: string): void {
    this.file.run("DELETE FROM job_schedule WHERE name = ?", name);
  }
  close(): void {
    this.file.close();
  }
}

function read(row: SqlRow | undefined): JobRecord | undefined {
  return (
    row && {
      id: int(row, 0),
      queue: text(row, 1),
      key: text(row, 2),
      data: text(row, 3),
      attempts: int(row, 4),
      backoffMs: int(row, 5),
      attempt: int(row, 6),
      status: text(row, 7) as JobRecord["status"],
      dueMs: int(row, 8),
      openChildren: int(row, 9),
      parents: JSON.parse(text(row, 10)) as number[],
    }
  );
}
