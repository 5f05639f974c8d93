// The job queue of a single machine: jobs and schedules in sqlite, handlers in this process. Jobs that
// were running when the process died are waiting again when the queue is opened.
import type { DatabaseSync } from "node:sqlite";
import { LocalJobQueue, type LocalJobQueueOptions } from "../jobs/local-job-queue.ts";
import { SqliteFile } from "./sqlite-file.ts";
import { SqliteJobTable } from "./sqlite-job-table.ts";

export class SqliteJobQueue extends LocalJobQueue {
  /** A path, or a connection that this queue then owns. */
  constructor(source: DatabaseSync | string, options: LocalJobQueueOptions) {
    const file = new SqliteFile(source);
    try {
      super(new SqliteJobTable(file), options);
    } catch (error) {
      file.close();
      throw error;
    }
  }
}
