// Answers every query from both layers.

export * from "./answer/format/formats.ts";
export * from "./catalogue-entry.ts";
export * from "./http/create-serving.ts";
export * from "./http/routes.ts";
export * from "./live/change-feed.ts";
export * from "./live/copied-changes.ts";
export * from "./live/live-limits.ts";
export * from "./live/pace.ts";
export * from "./prepared.ts";
export * from "./query/metric-names.ts";
export * from "./query/parameters.ts";
export * from "./query/parse-query.ts";
export * from "./query/problem.ts";
export * from "./query/query.ts";
export * from "./query-engine.ts";
export * from "./query-engine-options.ts";
export * from "./read/asked-days.ts";
export * from "./read/cell-query.ts";
export * from "./read/day-ledger.ts";
export * from "./read/read-cells.ts";
export * from "./read/read-view.ts";
export * from "./read/seam.ts";
export * from "./read/speed-row-cache.ts";
export * from "./report-serving.ts";
