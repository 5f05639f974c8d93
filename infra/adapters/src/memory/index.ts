// Adapters that live in memory, for tests.

export * from "./hand-clock.ts";
export * from "./memory-checkpoint-store.ts";
export * from "./memory-dead-letters.ts";
export * from "./memory-event-log.ts";
export * from "./memory-job-queue.ts";
export * from "./memory-object-store.ts";
export * from "./memory-view-store.ts";
