// Archive objects as Parquet files.
export * from "./parquet-codec.ts";
export * from "./read-columns.ts";
