// The job queue of several processes: BullMQ on Redis.

export * from "./bull-job-queue.ts";
export type { BullOptions } from "./bull-options.ts";
