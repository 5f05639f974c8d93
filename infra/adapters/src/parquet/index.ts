// Archive objects as Parquet files.

export * from "./bodies/marks.ts";
export { type ForeignLayout, foreignColumns } from "./foreign-columns.ts";
export * from "./parquet-codec.ts";
