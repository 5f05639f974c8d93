// The archive codec: one Parquet file per object, which DuckDB, Trino, Spark and pyarrow read as it is
// (archive-schema.ts says what the columns mean).
import {
  type ArchiveCodec,
  ColumnScanner,
  type ColumnScannerOptions,
  type EventColumns,
  type Interner,
} from "@tandem/shared-logic";
import { ArchiveColumns } from "./archive-columns.ts";
import { rawEvents } from "./archive-schema.ts";
import { decodeRecords } from "./decode-records.ts";
import { encodeObject } from "./encode-object.ts";
import { ParquetFile } from "./file.ts";

/** `options`: how records without a header are read; the same as the log's readers use. */
export function openParquetCodec(options: ColumnScannerOptions = {}): ArchiveCodec {
  return {
    extension: "parquet",
    encode: (partition, batches) => encodeObject(partition, batches, options),
    async records(object, rows) {
      const file = new ParquetFile(object);
      rawEvents(file);
      return decodeRecords(file, rows);
    },
    async columns(object, fields, interners = new Map<string, Interner>()): Promise<EventColumns> {
      const file = new ParquetFile(object);
      // Events that no collector made may say in their header what their body does not: rare, and read
      // just as the log's readers read them.
      if (rawEvents(file) > 0) return new ColumnScanner(fields, options).scan(decodeRecords(file));
      return new ArchiveColumns(file, fields, interners);
    },
  };
}

export const parquetCodec: ArchiveCodec = openParquetCodec();
