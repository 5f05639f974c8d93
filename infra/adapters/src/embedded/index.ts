// Adapters that need nothing installed: files and node:sqlite.

export * from "./directory-lock.ts";
export * from "./file-checkpoint-store.ts";
export * from "./file-dead-letters.ts";
export * from "./file-event-log.ts";
export * from "./files/crash-files.ts";
export * from "./files/file-layer.ts";
export * from "./files/intercepted-files.ts";
export * from "./files/node-files.ts";
export * from "./folder-object-store.ts";
export * from "./key-hash.ts";
export * from "./local-partition-group.ts";
export * from "./process-identity.ts";
export * from "./scaled-clock.ts";
export * from "./sqlite-job-queue.ts";
export * from "./sqlite-view-store.ts";
export * from "./system-clock.ts";
