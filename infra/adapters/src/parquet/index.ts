// Archive objects as Parquet files.
export {};
