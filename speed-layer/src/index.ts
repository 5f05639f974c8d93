export * from "./checkpoint.ts";
export * from "./counters.ts";
export * from "./dedupe/bloom-generations.ts";
export * from "./dedupe/dedupe.ts";
export * from "./dedupe/recent-ids.ts";
export * from "./partition-state.ts";
export * from "./report-speed.ts";
export * from "./worker.ts";
